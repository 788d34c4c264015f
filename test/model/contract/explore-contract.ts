import { exploreModel, type Exploration } from '../breadth-first'
import { checkChange, checkRest, checkWorld } from './contract-invariants'
import { nameAction } from './name-action'
import { CONTRACT_RULES, type Rules } from './rules'
import type { SmallCase } from './small-contract-case'
import { initialWorld, transitions } from './transitions'
import { worldKey } from './world-key'

/** Explores every state of a small case of the contract's model. */
export function exploreContract(small: SmallCase, rules: Rules = CONTRACT_RULES): Exploration {
  return exploreModel({
    initial: initialWorld(small),
    keyOf: worldKey,
    steps: world => transitions(world, small, rules),
    nameOf: nameAction,
    checkStep: checkChange, checkState: checkWorld, checkRest,
  })
}
