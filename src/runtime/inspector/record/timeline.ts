import type { SyncActions, SyncHooks } from '../../core/sync/context/sync-hooks'
import { DESCRIBE_EVENT, type EventFacts } from './event-words'

/** How many events are kept; the oldest go first. */
export const TIMELINE_SIZE = 500

export interface TimelineEvent extends EventFacts {
  /** Rises by one for each event. */
  id: number
  /** Epoch milliseconds. */
  at: number
  name: keyof SyncActions
}

/** The last events of the engine in this page, oldest first, and what was learnt from them. */
export class Timeline {
  readonly #events: TimelineEvent[] = []
  readonly #listeners = new Set<() => void>()
  #lastId = 0
  #nextRetryAt: number | null = null
  readonly #rescans: { at: number, reason: string }[] = []

  constructor(private readonly now: () => number = () => Date.now()) {}

  /** Records every action of these hooks from now on. @returns a function that ends this. */
  follow(hooks: Pick<SyncHooks, 'addAction'>): () => void {
    const stops = (Object.keys(DESCRIBE_EVENT) as (keyof SyncActions)[]).map(name => hooks.addAction(name, payload => this.add(name, payload)))
    return () => { for (const stop of stops) stop() }
  }

  add<K extends keyof SyncActions>(name: K, payload: SyncActions[K]): void {
    this.#events.push({ id: ++this.#lastId, at: this.now(), name, ...DESCRIBE_EVENT[name](payload) })
    if (this.#events.length > TIMELINE_SIZE) this.#events.shift()
    this.#learn(name, payload)
    for (const listener of [...this.#listeners]) listener()
  }

  /** Oldest first. */
  list(): TimelineEvent[] {
    return [...this.#events]
  }

  clear(): void {
    this.#events.length = 0
    for (const listener of [...this.#listeners]) listener()
  }

  /** Calls back after every event. @returns a function that ends this. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** When the next edit is tried again, in epoch milliseconds. Null: nothing waits for another try, as far as this tab knows. */
  get nextRetryAt(): number | null {
    return this.#nextRetryAt !== null && this.#nextRetryAt > this.now() ? this.#nextRetryAt : null
  }

  /** The rescans since the page was loaded, with their reasons. */
  get rescans(): readonly { at: number, reason: string }[] {
    return this.#rescans
  }

  #learn<K extends keyof SyncActions>(name: K, payload: SyncActions[K]): void {
    if (name === 'sync.retry:action') this.#nextRetryAt = (payload as SyncActions['sync.retry:action']).nextAttemptAt
    if (name === 'sync.push:action:after' && (payload as SyncActions['sync.push:action:after']).failCount === 0) this.#nextRetryAt = null
    if (name === 'sync.rescan:action:starting') this.#rescans.push({ at: this.now(), reason: (payload as SyncActions['sync.rescan:action:starting']).reason })
  }
}

export interface TimelineFilter {
  /** Matches name, words, table or key, in any case. */
  text: string
  onlyProblems: boolean
}

/** The events that fit the filter, newest first. */
export function filterEvents(events: readonly TimelineEvent[], { text, onlyProblems }: TimelineFilter): TimelineEvent[] {
  const wanted = text.trim().toLowerCase()
  const fits = ({ name, words, tableName = '', pk = '', isProblem = false }: TimelineEvent) =>
    (!onlyProblems || isProblem) && (!wanted || [name, words, tableName, pk].some(each => each.toLowerCase().includes(wanted)))
  return events.filter(fits).reverse()
}
