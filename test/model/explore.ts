import { exploreModel, type Exploration } from './breadth-first'
import { checkRest, checkState, checkStep } from './invariants'
import { REAL_RULES, type SmallCaseRules } from './small-case-rules'
import { stateKey } from './state-key'
import { initialState, steps, type SmallCaseOptions } from './transitions'

/** Explores every state of a small case that shares its decisions with the engine. */
export function explore(options: SmallCaseOptions, rules: SmallCaseRules = REAL_RULES): Exploration {
  return exploreModel({
    initial: initialState(options),
    keyOf: stateKey,
    * steps(state) {
      for (const { label, next, settles } of steps(state, options, rules)) yield { action: label, next, settles }
    },
    nameOf: label => label,
    checkStep, checkState, checkRest,
  })
}
