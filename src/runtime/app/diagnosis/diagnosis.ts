import Dexie from 'dexie'
import { databaseName } from '../../core/sync/database/sync-database'
import type { SyncDiagnostics } from '../../core/sync/face/sync-diagnostics'
import type { SyncHooks } from '../../core/sync/context/sync-hooks'
import type { SyncState } from '../../core/sync/context/sync-status'
import type { EngineDatabase } from '../../core/sync/records/engine-database'
import { hashText } from '../../shared/sync/protocol/hash-text'
import { PROTOCOL_VERSION } from '../../shared/sync/protocol/limits'
import type { SyncProvider, SyncRole } from '../../shared/sync/protocol/types'
import type { SessionState, SessionStatus } from '../session-state'
import { EventLog, type LoggedEvent, type LoggedRescan } from './event-log'

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
}

interface DiagnosedEngine {
  db: EngineDatabase
  diagnostics: () => Promise<SyncDiagnostics>
}

/** States in which a tab that does not lead gets changes from the one that does. */
const FOLLOWS: ReadonlySet<SyncState> = new Set(['idle', 'syncing', 'bootstrapping'])

/** Gathers what a bug report needs. It is loaded beside the engine, so that it hears every event. */
export class Diagnosis {
  readonly #log: EventLog

  constructor(private readonly page: DiagnosedPage) {
    this.#log = new EventLog(page.hooks)
  }

  async report({ db, diagnostics }: DiagnosedEngine): Promise<AppDiagnostics> {
    const [engine, held] = await Promise.all([diagnostics(), db.pending_ops.where('status').equals('held').count()])
    const { versions, session } = this.page
    const { status, userId, workspaceId, role } = session()
    return {
      ...withoutUser(engine, userId, workspaceId),
      user: userId && shortHash(userId),
      role,
      session: status,
      transport: this.#transport(engine),
      held,
      nextRetryAt: this.#log.nextRetryAt,
      events: structuredClone(this.#log.events),
      rescans: structuredClone(this.#log.rescans),
      versions: { ...versions, protocol: PROTOCOL_VERSION, format: engine.format, dexie: Dexie.semVer },
      browser: navigator.userAgent,
    }
  }

  #transport({ status, subscription }: SyncDiagnostics): AppDiagnostics['transport'] {
    if (!status.isLeader) return FOLLOWS.has(status.state) ? 'leading-tab' : 'none'
    if (subscription === 'disconnected') return 'none'
    return this.page.provider()?.transport?.() ?? 'custom'
  }
}

/** With nuxt-auth-utils the workspace of a user has their id. */
function withoutUser(engine: SyncDiagnostics, userId: string | null, workspaceId: string | null): SyncDiagnostics {
  if (!userId || !workspaceId) return engine
  const hash = shortHash(userId)
  const shown = (id: string) => id === userId ? hash : id
  return {
    ...engine,
    database: engine.database === databaseName(userId, workspaceId) ? databaseName(hash, shown(workspaceId)) : engine.database,
    scope: { ...engine.scope, workspaceId: shown(engine.scope.workspaceId), ...engine.scope.userId && { userId: shown(engine.scope.userId) } },
  }
}

function shortHash(text: string): string {
  return hashText(text).slice(0, 16)
}
