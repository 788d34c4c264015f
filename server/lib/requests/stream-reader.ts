import type { H3Event } from 'h3'
import type { GatewayContext } from '../context/gateway-context'
import type { GatewaySession } from '../session/gateway-session'
import { FeedMessage } from '../stream/feed-message'
import type { FeedSink } from '../stream/feed-sink'

export interface StreamReaderOptions {
  context: GatewayContext
  /** The request that began the stream. */
  event: H3Event
  /** The session when the stream began. */
  session: GatewaySession
  workspaceId: string
  sink: FeedSink
}

/** The reader of an open stream. It asks the app again whether they may read, and tells them when their workspaces or roles have changed. */
export class StreamReader {
  #told: string

  constructor(private readonly options: StreamReaderOptions) {
    this.#told = memberships(options.session)
  }

  /** Whether the reader is still signed in and a member. If the store is personal, their memberships must also be the same as before. */
  async mayRead(): Promise<boolean> {
    const { context, session, workspaceId, sink } = this.options
    const now = await this.#sessionNow()
    if (now?.userId !== session.userId || !now.workspaces.some(({ id }) => id === workspaceId)) return false
    const found = memberships(now)
    if (found !== this.#told) {
      this.#told = found
      await sink.send(new FeedMessage('session', Buffer.from(JSON.stringify({ serverTime: context.now() }))))
      if (context.options.backend.isPersonal) return false
    }
    return true
  }

  /** Null also when the reader has gone: then what is held for them is freed without waiting for the app. */
  async #sessionNow(): Promise<GatewaySession | null> {
    const { context, event, sink } = this.options
    try { return await context.sessionNow(event, sink.signal) }
    catch (error) {
      if (sink.closed) return null
      throw error
    }
  }
}

/** The same text for the same workspaces, names and roles, in whatever order the app lists them. */
function memberships({ workspaces }: GatewaySession): string {
  return JSON.stringify(workspaces.map(({ id, name = id, role }) => [id, name, role]).sort(([a], [b]) => a! < b! ? -1 : 1))
}
