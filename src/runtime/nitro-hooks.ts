import type { H3Event } from 'h3'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { ChangedInfo } from './shared/sync/rows/row-change'
import type { SyncRole, SyncScope } from './shared/sync/protocol/types'

/** The app's hook `or3-sync:session` sets `session` to say who makes the request. */
export interface SessionHookContext {
  /** Null, the initial value, means that nobody is signed in. */
  session: {
    userId: string
    name?: string
    workspaces: { id: string, name?: string, role: SyncRole }[]
  } | null
}

/** What a push has just committed. */
export interface PushedHookPayload {
  scope: SyncScope
  userId: string
  /** How many edits were applied. Repeats are not counted. */
  applied: number
}

/** The Nitro runtime hooks of the gateway. `Tables`: the schemas of the app's tables. */
export interface SyncNitroHooks<Tables extends Record<string, StandardSchemaV1> = Record<string, StandardSchemaV1>> {
  /** Sets `ctx.session`. Called for every request, and its answer is used for that request. If it takes more than 20 s, the request gets a 503. */
  'or3-sync:session': (event: H3Event, ctx: SessionHookContext) => void | Promise<void>
  /** Called after the commit, for the app's own work. The reply does not wait for it. An error that it throws is logged and has no other effect. */
  'or3-sync:pushed': (event: H3Event, payload: PushedHookPayload) => void | Promise<void>
  /**
   * Called after each commit of this server that changed rows: pushes, and writes of the server itself. For one workspace, the listeners of
   * one commit have ended before those of the next begin; one that takes more than 30 s is no longer waited for. No answer waits for it. Errors
   * are logged. A commit may be left out, if the server ends or falls too far behind.
   */
  'or3-sync:changed': (payload: ChangedInfo<Tables>) => void | Promise<void>
}
