/** A step from one state to the next. */
export interface Step<State, Action> {
  action: Action
  next: State
  /** It is no edit and no fault: it happens by itself. */
  settles?: boolean
}

/** A system whose states can be told apart by a text. Checks return what does not hold, or null. */
export interface ExploredModel<State, Action> {
  initial: State
  keyOf: (state: State) => string
  /** May throw if a state cannot be gone on from: then that does not hold. */
  steps: (state: State) => Iterable<Step<State, Action>>
  nameOf: (action: Action) => string
  checkStep: (before: State, after: State) => string | null
  checkState: (state: State) => string | null
  /** For states in which nothing is left to do. */
  checkRest: (state: State) => string | null
}

export interface Exploration {
  states: number
  transitions: number
  /** States in which nothing is left to do. */
  rests: number
  /** What does not hold, with the shortest way there. */
  failure: { problem: string, trace: string[] } | null
}

const RESTS = -1

/** Breadth first through every state that can be reached. Ends at the first one in which something does not hold. */
export function exploreModel<State, Action>(model: ExploredModel<State, Action>): Exploration {
  return new Explorer(model).run()
}

class Explorer<State, Action> {
  readonly #numbers = new Map<number, number>()
  readonly #actions: (Action | null)[] = [null]
  readonly #parents: number[] = [-1]
  /** Where each state goes when no edit and no fault comes in between. */
  readonly #calm: number[] = []
  #transitions = 0
  #rests = 0
  #failure: Exploration['failure'] = null

  constructor(private readonly model: ExploredModel<State, Action>) {}

  run(): Exploration {
    const { initial, keyOf } = this.model
    this.#numbers.set(hash53(keyOf(initial)), 0)
    for (let frontier = [initial], base = 0; frontier.length && !this.#failure;) {
      const found: State[] = []
      for (let index = 0; index < frontier.length && !this.#failure; index++) this.#tryExpand(frontier[index]!, base + index, found)
      base += frontier.length
      frontier = found
    }
    if (!this.#failure) this.#checkCalm()
    return { states: this.#numbers.size, transitions: this.#transitions, rests: this.#rests, failure: this.#failure }
  }

  #tryExpand(state: State, number: number, found: State[]): void {
    try { this.#expand(state, number, found) }
    catch (error) { this.#fail((error as Error).message, number) }
  }

  #expand(state: State, number: number, found: State[]): void {
    const { keyOf, steps, checkStep, checkState, checkRest } = this.model
    let calm = RESTS
    for (const { action, next, settles } of steps(state)) {
      this.#transitions++
      const hash = hash53(keyOf(next))
      let at = this.#numbers.get(hash)
      const isNew = at === undefined
      if (at === undefined) {
        this.#numbers.set(hash, at = this.#numbers.size)
        this.#parents.push(number)
        this.#actions.push(action)
        found.push(next)
      }
      if (settles && calm === RESTS) calm = at
      const problem = checkStep(state, next) ?? (isNew ? checkState(next) : null)
      if (problem) return this.#fail(problem, number, action)
    }
    this.#calm.push(calm)
    if (calm !== RESTS) return
    this.#rests++
    const problem = checkRest(state)
    if (problem) this.#fail(problem, number)
  }

  /** From every state, rest is reached when nothing more happens. */
  #checkCalm(): void {
    const settled = new Uint8Array(this.#calm.length)
    for (let start = 0; start < this.#calm.length; start++) {
      const path = new Set<number>()
      for (let at = start; at !== RESTS && !settled[at]; at = this.#calm[at]!) {
        if (path.has(at)) return this.#fail('(g) it never comes to rest', at)
        path.add(at)
      }
      for (const at of path) settled[at] = 1
    }
  }

  #fail(problem: string, number: number, last?: Action): void {
    const { nameOf } = this.model
    const trace = last === undefined ? [] : [nameOf(last)]
    for (let at = number; at > 0; at = this.#parents[at]!) trace.unshift(nameOf(this.#actions[at]!))
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
