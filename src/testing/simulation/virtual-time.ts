/** Somebody to whom things happen: a tab. What is due for a frozen one waits, what is due for a dead one is lost. */
export interface Actor {
  readonly name: string
  readonly state: 'running' | 'frozen' | 'dead'
}

interface TimedEvent {
  at: number
  /** Ties go in the order of scheduling. */
  order: number
  actor: Actor | null
  run: () => void
}

/** The only clock of a simulation: it moves from event to event. */
export class VirtualTime {
  /** Epoch milliseconds. */
  now: number
  #order = 0
  #events: TimedEvent[] = []
  readonly #held = new Map<Actor, TimedEvent[]>()

  constructor(start: number) {
    this.now = start
  }

  /** When the next event is due; Infinity: there is none. */
  get nextAt(): number {
    return this.#events[0]?.at ?? Infinity
  }

  /** Has `run` called after `delayMs`, unless its actor is dead by then. */
  schedule(delayMs: number, actor: Actor | null, run: () => void): TimedEvent {
    const event = { at: this.now + Math.max(0, delayMs), order: this.#order++, actor, run }
    this.#insert(event)
    return event
  }

  cancel(handle: unknown): void {
    const event = handle as TimedEvent
    const index = this.#events.indexOf(event)
    if (index >= 0) this.#events.splice(index, 1)
    const held = event.actor && this.#held.get(event.actor)
    if (held?.includes(event)) held.splice(held.indexOf(event), 1)
  }

  /** Resolves after `ms`; never for an actor that dies before. */
  sleep(ms: number, actor: Actor | null = null): Promise<void> {
    return new Promise((resolve) => { this.schedule(ms, actor, resolve) })
  }

  /** Runs the next event. @returns false when there is none. */
  step(): boolean {
    const event = this.#events.shift()
    if (!event) return false
    this.now = Math.max(this.now, event.at)
    if (event.actor?.state === 'dead') return true
    if (event.actor?.state === 'frozen') {
      const held = this.#held.get(event.actor)
      if (held) held.push(event)
      else this.#held.set(event.actor, [event])
      return true
    }
    event.run()
    return true
  }

  /** Nothing happens meanwhile: a machine asleep. What fell due happens after it. */
  jump(ms: number): void {
    this.now += ms
  }

  /** What waited for a frozen actor is due now. */
  thaw(actor: Actor): void {
    for (const event of this.#held.get(actor) ?? []) this.#insert(Object.assign(event, { at: this.now, order: this.#order++ }))
    this.#held.delete(actor)
  }

  #insert(event: TimedEvent): void {
    let low = 0
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >> 1
      const other = this.#events[middle]!
      if (other.at < event.at || (other.at === event.at && other.order < event.order)) low = middle + 1
      else high = middle
    }
    this.#events.splice(low, 0, event)
  }
}
