/** The owner of timed events: a tab. Events of a frozen actor wait until it thaws. Those of a dead one never run. */
export interface Actor {
  readonly name: string
  readonly state: 'running' | 'frozen' | 'dead'
}

interface TimedEvent {
  at: number
  /** Events that are due at the same time run in this order, in which they were scheduled. */
  order: number
  actor: Actor | null
  run: () => void
}

/** The only clock of a simulation. It jumps from event to event. */
export class VirtualTime {
  /** Epoch milliseconds. */
  now: number
  #order = 0
  #events: TimedEvent[] = []
  readonly #held = new Map<Actor, TimedEvent[]>()

  constructor(start: number) {
    this.now = start
  }

  /** When the next event is due. Infinity: there is none. */
  get nextAt(): number {
    return this.#events[0]?.at ?? Infinity
  }

  /** Calls `run` after `delayMs`, unless its actor is dead by then. */
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

  /** Resolves after `ms`, or never if the actor dies before. */
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

  /** Moves the clock without running anything, as if the machine were asleep. Events that became due run afterwards. */
  jump(ms: number): void {
    this.now += ms
  }

  /** Makes the events due that waited for a frozen actor. */
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
