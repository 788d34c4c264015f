import { checkRest, checkState, checkStep } from './invariants'
import type { ModelState } from './model-state'
import { REAL_RULES, type SmallCaseRules } from './small-case-rules'
import { stateKey } from './state-key'
import { initialState, steps, type SmallCaseOptions } from './transitions'

export interface Exploration {
  states: number
  transitions: number
  /** States in which nothing is left to do. */
  rests: number
  /** What does not hold, with the shortest way there. */
  failure: { problem: string, trace: string[] } | null
}

const RESTS = -1

/** Breadth first through every state that can be reached; ends at the first one where something does not hold. */
export function explore(options: SmallCaseOptions, rules: SmallCaseRules = REAL_RULES): Exploration {
  return new Explorer(options, rules).run()
}

class Explorer {
  readonly #numbers = new Map<number, number>()
  readonly #labels: string[] = ['']
  readonly #parents: number[] = [-1]
  /** Where each state goes when no edit and no fault comes in between. */
  readonly #calm: number[] = []
  #transitions = 0
  #rests = 0
  #failure: Exploration['failure'] = null

  constructor(private readonly options: SmallCaseOptions, private readonly rules: SmallCaseRules) {}

  run(): Exploration {
    const start = initialState(this.options)
    this.#numbers.set(hash53(stateKey(start)), 0)
    for (let frontier = [start], base = 0; frontier.length && !this.#failure;) {
      const found: ModelState[] = []
      for (const [index, state] of frontier.entries()) {
        this.#expand(state, base + index, found)
        if (this.#failure) break
      }
      base += frontier.length
      frontier = found
    }
    if (!this.#failure) this.#checkCalm()
    return { states: this.#numbers.size, transitions: this.#transitions, rests: this.#rests, failure: this.#failure }
  }

  #expand(state: ModelState, number: number, found: ModelState[]): void {
    let calm = RESTS
    try {
      for (const { label, next, settles } of steps(state, this.options, this.rules)) {
        this.#transitions++
        const key = hash53(stateKey(next))
        let at = this.#numbers.get(key)
        const isNew = at === undefined
        if (at === undefined) {
          this.#numbers.set(key, at = this.#numbers.size)
          this.#parents.push(number)
          this.#labels.push(label)
          found.push(next)
        }
        if (settles && calm === RESTS) calm = at
        const problem = checkStep(state, next) ?? (isNew ? checkState(next) : null)
        if (problem) return this.#fail(problem, number, label)
      }
    }
    catch (error) {
      return this.#fail((error as Error).message, number)
    }
    this.#calm.push(calm)
    if (calm !== RESTS) return
    this.#rests++
    const problem = checkRest(state)
    if (problem) this.#fail(problem, number)
  }

  /** (g) From every state, rest is reached when nothing more happens. */
  #checkCalm(): void {
    const settled = new Uint8Array(this.#calm.length)
    for (let start = 0; start < this.#calm.length; start++) {
      const path: number[] = []
      const seen = new Set<number>()
      for (let at = start; at !== RESTS && !settled[at]; at = this.#calm[at]!) {
        if (seen.has(at)) return this.#fail('(g) it never comes to rest', at)
        seen.add(at)
        path.push(at)
      }
      for (const at of path) settled[at] = 1
    }
  }

  #fail(problem: string, number: number, last?: string): void {
    const trace = last === undefined ? [] : [last]
    for (let at = number; at > 0; at = this.#parents[at]!) trace.unshift(this.#labels[at]!)
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
