import { checkChange, checkRest, checkWorld } from './contract-invariants'
import type { World } from './contract-state'
import { nameAction } from './name-action'
import { CONTRACT_RULES, type Rules } from './rules'
import type { SmallCase } from './small-contract-case'
import { initialWorld, transitions, type Action } from './transitions'
import { worldKey } from './world-key'

export interface ContractExploration {
  states: number
  transitions: number
  /** States in which nothing is left to do. */
  rests: number
  /** What does not hold, with the shortest way there. */
  failure: { problem: string, trace: string[] } | null
}

const RESTS = -1

/** Breadth first through every state of a small case. Ends at the first one in which something does not hold. */
export function exploreContract(small: SmallCase, rules: Rules = CONTRACT_RULES): ContractExploration {
  return new ContractExplorer(small, rules).run()
}

class ContractExplorer {
  readonly #numbers = new Map<number, number>()
  readonly #actions: (Action | null)[] = [null]
  readonly #parents: number[] = [-1]
  /** Where each state goes when no edit and no fault comes in between. */
  readonly #calm: number[] = []
  #transitions = 0
  #rests = 0
  #failure: ContractExploration['failure'] = null

  constructor(private readonly small: SmallCase, private readonly rules: Rules) {}

  run(): ContractExploration {
    const start = initialWorld(this.small)
    this.#numbers.set(hash53(worldKey(start)), 0)
    for (let frontier = [start], base = 0; frontier.length && !this.#failure;) {
      const found: World[] = []
      for (let index = 0; index < frontier.length && !this.#failure; index++) this.#expand(frontier[index]!, base + index, found)
      base += frontier.length
      frontier = found
    }
    if (!this.#failure) this.#checkCalm()
    return { states: this.#numbers.size, transitions: this.#transitions, rests: this.#rests, failure: this.#failure }
  }

  #expand(world: World, number: number, found: World[]): void {
    let calm = RESTS
    for (const { action, next, settles } of transitions(world, this.small, this.rules)) {
      this.#transitions++
      const hash = hash53(worldKey(next))
      let at = this.#numbers.get(hash)
      const isNew = at === undefined
      if (at === undefined) {
        this.#numbers.set(hash, at = this.#numbers.size)
        this.#parents.push(number)
        this.#actions.push(action)
        found.push(next)
      }
      if (settles && calm === RESTS) calm = at
      const problem = checkChange(world, next) ?? (isNew ? checkWorld(next) : null)
      if (problem) return this.#fail(problem, number, action)
    }
    this.#calm.push(calm)
    if (calm !== RESTS) return
    this.#rests++
    const problem = checkRest(world)
    if (problem) this.#fail(problem, number)
  }

  /** From every state, rest is reached when nothing more happens. */
  #checkCalm(): void {
    const settled = new Uint8Array(this.#calm.length)
    for (let start = 0; start < this.#calm.length; start++) {
      const path = new Set<number>()
      for (let at = start; at !== RESTS && !settled[at]; at = this.#calm[at]!) {
        if (path.has(at)) return this.#fail('it never comes to rest', at)
        path.add(at)
      }
      for (const at of path) settled[at] = 1
    }
  }

  #fail(problem: string, number: number, last?: Action): void {
    const trace = last === undefined ? [] : [nameAction(last)]
    for (let at = number; at > 0; at = this.#parents[at]!) trace.unshift(nameAction(this.#actions[at]!))
    this.#failure = { problem, trace }
  }
}

/** cyrb53 (public domain, bryc). Two of a million states share a value once in some 20,000 explorations. */
function hash53(text: string): number {
  let h1 = 0xDEADBEEF
  let h2 = 0x41C6CE57
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    h1 = Math.imul(h1 ^ code, 2654435761)
    h2 = Math.imul(h2 ^ code, 1597334677)
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909)
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909)
  return 4294967296 * (2097151 & h2) + (h1 >>> 0)
}
