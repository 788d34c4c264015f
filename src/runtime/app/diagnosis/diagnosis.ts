import Dexie from 'dexie'
import type { SyncDiagnostics } from '../../core/sync/face/sync-diagnostics'
import type { SyncHooks } from '../../core/sync/context/sync-hooks'
import type { SyncState } from '../../core/sync/context/sync-status'
import type { EngineDatabase } from '../../core/sync/records/engine-database'
import { hashText } from '../../shared/sync/protocol/hash-text'
import { PROTOCOL_VERSION } from '../../shared/sync/protocol/limits'
import type { SyncProvider, SyncRole } from '../../shared/sync/protocol/types'
import type { SessionState, SessionStatus } from '../session-state'
import { conceal } from './conceal'
import { EventLog, type LoggedEvent, type LoggedRescan } from './event-log'

/** How many events a report has. */
const REPORTED_EVENTS = 50

/**
 * What `$syncEngine.diagnostics()` gives: everything that a bug report needs. There is no row in it, and the user's id only
 * as a hash. The messages of errors are in it.
 */
export interface AppDiagnostics extends SyncDiagnostics {
  /** A hash of the user's id: the same for the same user. It stands for the id in `database` and `scope` as well. Null: nobody is signed in. */
  user: string | null
  role: SyncRole | null
  session: SessionStatus
  /**
   * How changes come to this device now: as an event stream, by polling, from Convex directly, or through another tab, which leads. `none`: this tab
   * is not subscribed. `custom`: by a provider of the app that does not say how.
   */
  transport: 'event-stream' | 'polling' | 'direct' | 'leading-tab' | 'none' | 'custom'
  /** How many edits `capture` keeps back. */
  held: number
  /** When the next try of what has failed is due, in epoch milliseconds. Null: nothing waits for one. */
  nextRetryAt: number | null
  /** The last 50 events, oldest first. */
  events: LoggedEvent[]
  /** The last 10 rescans of this page, oldest first, with their reasons. */
  rescans: LoggedRescan[]
  versions: {
    /** Of or3-sync. */
    module: string
    /** Of the app's schema. */
    schema: number
    protocol: number
    /** Of the local database's own tables. */
    format: number
    dexie: string
  }
  /** As the browser calls itself. */
  browser: string
}

export interface DiagnosedPage {
  hooks: SyncHooks
  session: () => Readonly<SessionState>
  /** The provider that sync runs with; undefined: none is registered. */
  provider: () => SyncProvider | undefined
  versions: { module: string, schema: number }
  /** For the inspector: how many events are kept for its timeline, each by itself. Absent: nobody inspects this page. */
  timelineSize?: number
}

interface DiagnosedEngine {
  db: EngineDatabase
  diagnostics: () => Promise<SyncDiagnostics>
}

/** States in which a tab that does not lead gets changes from the one that does. */
const FOLLOWS: ReadonlySet<SyncState> = new Set(['idle', 'syncing', 'bootstrapping'])

/** Gathers what a bug report needs. It is loaded beside the engine, so that it hears every event. */
export class Diagnosis {
  readonly log: EventLog

  constructor(private readonly page: DiagnosedPage) {
    const { hooks, timelineSize } = page
    this.log = new EventLog(hooks, { length: timelineSize ?? REPORTED_EVENTS, isDetailed: timelineSize !== undefined })
  }

  async report({ db, diagnostics }: DiagnosedEngine): Promise<AppDiagnostics> {
    const [engine, held] = await Promise.all([diagnostics(), db.pending_ops.where('status').equals('held').count()])
    const { versions, session } = this.page
    const { status, userId, role } = session()
    return this.withoutUser({
      ...engine,
      user: userId && shortHash(userId),
      role,
      session: status,
      transport: this.#transport(engine),
      held,
      nextRetryAt: this.log.nextRetryAt,
      events: this.log.summary(REPORTED_EVENTS),
      rescans: this.log.rescans,
      versions: { ...versions, protocol: PROTOCOL_VERSION, format: engine.format, dexie: Dexie.semVer },
      browser: navigator.userAgent,
    })
  }

  /** A copy of the value with the hash of this page's user in the place of their id. */
  withoutUser<T>(value: T): T {
    const { userId } = this.page.session()
    return userId ? conceal(value, userId, shortHash(userId)) : structuredClone(value)
  }

  #transport({ status, subscription }: SyncDiagnostics): AppDiagnostics['transport'] {
    if (!status.isLeader) return FOLLOWS.has(status.state) ? 'leading-tab' : 'none'
    if (subscription === 'disconnected') return 'none'
    return this.page.provider()?.transport?.() ?? 'custom'
  }
}

function shortHash(text: string): string {
  return hashText(text).slice(0, 16)
}
