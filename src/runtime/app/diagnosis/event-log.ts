import type { SyncActions, SyncHooks } from '../../core/sync/context/sync-hooks'
import type { PendingOp } from '../../shared/sync/protocol/types'

/** How many rescans are kept, apart from the other events. */
const RESCANS = 10

/** An event of sync, without rows. */
export interface LoggedEvent {
  /** Name of the hook. */
  name: keyof SyncActions
  /** Epoch milliseconds of the last time. */
  at: number
  /** How often in a row, with nothing else between. */
  times: number
  /** Numbers, codes and names of the last time. */
  details: Record<string, unknown>
}

/** An event as a detailed log has it: by itself, and with the key of its record. */
export interface DetailedEvent extends LoggedEvent {
  /** Rises by one for each event. */
  id: number
  pk?: string
}

export interface EventLogOptions {
  /** How many events are kept. The oldest go first. */
  length: number
  /**
   * For the inspector: every event is kept by itself, with the key of its record, and captured writes are heard, too. Otherwise an event that
   * comes many times in a row is one. Default: false.
   */
  isDetailed?: boolean
  /** Epoch milliseconds. Default: this device's clock. */
  now?: () => number
}

/** A walk over everything that the store has, and why it began. */
export interface LoggedRescan {
  /** Epoch milliseconds. */
  at: number
  reason: string
}

/** A hook that comes with each write: the engine builds a payload for each row where somebody hears it. */
const CAPTURED = 'sync.op:action:captured'

/** What is kept of each hook's payload. */
const KEPT: Readonly<Record<keyof SyncActions, readonly string[]>> = {
  [CAPTURED]: [],
  'sync.capture:action:failed': ['tableName'],
  'sync.push:action:before': ['count'],
  'sync.push:action:after': ['successCount', 'failCount'],
  'sync.push:action:split': ['ops', 'parts'],
  'sync.retry:action': ['attempt', 'nextAttemptAt'],
  'sync.queue:action:full': ['pendingCount'],
  'sync.error:action': ['code', 'permanent'],
  'sync.pull:action:received': ['changeCount'],
  'sync.pull:action:applied': ['applied', 'skipped', 'conflicts'],
  'sync.pull:action:error': [],
  'sync.conflict:action:detected': ['tableName', 'winner'],
  'sync.bootstrap:action:start': [],
  'sync.bootstrap:action:progress': ['cursor', 'pulledCount', 'hasMore'],
  'sync.bootstrap:action:complete': ['cursor', 'totalPulled', 'elapsedMs'],
  'sync.bootstrap:action:error': [],
  'sync.rescan:action:starting': ['reason'],
  'sync.rescan:action:progress': ['progress'],
  'sync.rescan:action:completed': [],
  'sync.subscription:action:statusChange': ['previousStatus', 'status'],
  'sync.subscription:action:maxRetriesExceeded': ['attempts'],
  'sync.gc:action:completed': ['tombstones', 'conflicts'],
}

/** Keeps the last events of sync, for bug reports and for the inspector. It hears the hooks from its creation on. */
export class EventLog {
  /** Oldest first. Of a detailed log they are {@link DetailedEvent}s. */
  readonly events: LoggedEvent[] = []
  readonly rescans: LoggedRescan[] = []
  #lastId = 0
  #nextRetryAt = 0

  constructor(hooks: Pick<SyncHooks, 'addAction'>, private readonly options: EventLogOptions) {
    for (const name of Object.keys(KEPT) as (keyof SyncActions)[]) {
      if (name !== CAPTURED || options.isDetailed) hooks.addAction(name, payload => this.#take(name, payload as unknown as Record<string, unknown>))
    }
  }

  /** When the next try of what has failed is due, in epoch milliseconds. Null: nothing waits for one. */
  get nextRetryAt(): number | null {
    return this.#nextRetryAt > this.#now() ? this.#nextRetryAt : null
  }

  clear(): void {
    this.events.length = 0
  }

  /** The last events for a report: oldest first, without keys, and those of one name in a row are one. */
  summary(length: number): LoggedEvent[] {
    const joined: LoggedEvent[] = []
    for (const { name, at, times, details } of this.events) join(joined, { name, at, times, details })
    return joined.slice(-length)
  }

  #now(): number {
    return (this.options.now ?? Date.now)()
  }

  #take(name: keyof SyncActions, payload: Record<string, unknown>): void {
    const details: Record<string, unknown> = Object.fromEntries(KEPT[name].map(key => [key, payload[key]]))
    if (payload.error instanceof Error) details.message = payload.error.message
    const op = payload.op as PendingOp | undefined
    if (op) details.tableName = op.tableName
    if (name === 'sync.retry:action') this.#nextRetryAt = payload.nextAttemptAt as number
    if (name === 'sync.push:action:after' && payload.failCount === 0) this.#nextRetryAt = 0
    if (name === 'sync.rescan:action:starting') keep(this.rescans, { at: this.#now(), reason: payload.reason as string }, RESCANS)
    const event = { name, at: this.#now(), times: 1, details }
    const { length, isDetailed } = this.options
    if (!isDetailed) return join(this.events, event, length)
    if (name === CAPTURED) Object.assign(details, { operation: op!.operation, clock: op!.stamp.clock })
    const pk = op?.pk ?? payload.pk
    keep<DetailedEvent>(this.events as DetailedEvent[], { id: ++this.#lastId, ...event, ...typeof pk === 'string' && { pk } }, length)
  }
}

/** A batch that fails tells of each of its edits, and a walk of each of its pages. */
function join(events: LoggedEvent[], event: LoggedEvent, most = Infinity): void {
  const last = events.at(-1)
  if (last?.name === event.name) Object.assign(last, event, { times: last.times + event.times })
  else keep(events, event, most)
}

function keep<T>(list: T[], item: T, most: number): void {
  list.push(item)
  if (list.length > most) list.shift()
}
