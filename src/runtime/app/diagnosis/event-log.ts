import type { SyncActions, SyncHooks } from '../../core/sync/context/sync-hooks'

/** How many events are kept. */
const EVENTS = 50
/** How many rescans are kept, apart from the other events. */
const RESCANS = 10

/** An event of sync, without rows. */
export interface LoggedEvent {
  /** Name of the hook. */
  name: string
  /** Epoch milliseconds of the last time. */
  at: number
  /** How often in a row, with nothing else between. */
  times: number
  /** Numbers, codes and names of the last time. */
  details: Record<string, unknown>
}

/** A walk over everything that the store has, and why it began. */
export interface LoggedRescan {
  /** Epoch milliseconds. */
  at: number
  reason: string
}

/**
 * What is kept of each hook's payload. Not heard: `sync.op:action:captured`, because it comes with each write and the engine would build a payload
 * for each row.
 */
const KEPT: Readonly<Record<Exclude<keyof SyncActions, 'sync.op:action:captured'>, readonly string[]>> = {
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
  'sync.gc:action:completed': [],
}

/** Keeps the last events of sync for a bug report. It hears the hooks from its creation on. */
export class EventLog {
  readonly events: LoggedEvent[] = []
  readonly rescans: LoggedRescan[] = []
  #nextRetryAt = 0

  constructor(hooks: SyncHooks, private readonly now: () => number = Date.now) {
    for (const name of Object.keys(KEPT) as (keyof typeof KEPT)[]) hooks.addAction(name, payload => this.#take(name, payload as unknown as Record<string, unknown>))
  }

  /** When the next try of what has failed is due, in epoch milliseconds. Null: nothing waits for one. */
  get nextRetryAt(): number | null {
    return this.#nextRetryAt > this.now() ? this.#nextRetryAt : null
  }

  #take(name: keyof typeof KEPT, payload: Record<string, unknown>): void {
    const details: Record<string, unknown> = Object.fromEntries(KEPT[name].map(key => [key, payload[key]]))
    if (payload.error instanceof Error) details.message = payload.error.message
    const op = payload.op as { tableName: string } | undefined
    if (op) details.tableName = op.tableName
    if (name === 'sync.retry:action') this.#nextRetryAt = payload.nextAttemptAt as number
    if (name === 'sync.push:action:after' && payload.failCount === 0) this.#nextRetryAt = 0
    if (name === 'sync.rescan:action:starting') keep(this.rescans, { at: this.now(), reason: payload.reason as string }, RESCANS)
    const last = this.events.at(-1)
    // A batch that fails tells of each of its edits, and a walk of each of its pages.
    if (last?.name === name) Object.assign(last, { at: this.now(), times: last.times + 1, details })
    else keep(this.events, { name, at: this.now(), times: 1, details }, EVENTS)
  }
}

function keep<T>(list: T[], item: T, most: number): void {
  list.push(item)
  if (list.length > most) list.shift()
}
