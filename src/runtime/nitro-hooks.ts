import type { H3Event } from 'h3'
import type { SyncRole, SyncScope } from './shared/sync/protocol/types'

/** Who is asking, as the app tells it in the hook `or3-sync:session`. */
export interface SessionHookContext {
  /** Null, as it is given: nobody is signed in. */
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
  /** How many ops were applied; repeats are not counted. */
  applied: number
}

/** The Nitro runtime hooks of the gateway. */
export interface SyncNitroHooks {
  /** Set `ctx.session`. Asked on every request; the answer is kept for that request. After 30 s without one the request is answered 503. */
  'or3-sync:session': (event: H3Event, ctx: SessionHookContext) => void | Promise<void>
  /** After the commit, for the app's own work. The answer does not wait for it; what it throws is logged and changes nothing. */
  'or3-sync:pushed': (event: H3Event, payload: PushedHookPayload) => void | Promise<void>
}
