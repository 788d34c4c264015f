import { setTimeout as wait } from 'node:timers/promises'
import type { ConvexClient } from 'convex/browser'
import { SYNC_ERROR_CODES } from '#or3-sync/shared/sync/protocol/errors'
import { SERVICE_SUBJECT } from '#or3-sync/shared/sync/store/service-subject'
import type { SyncErrorCode } from '#or3-sync/shared/sync/protocol/types'
import type { ConvexArgs, ConvexCaller, ConvexDeployment, ConvexFunctionName, ConvexReply, ConvexReturns } from './convex-deployment'
import { convexFetch, ConvexHttpError } from './convex-fetch'
import { ConvexTokens } from './convex-tokens'
import type { MintToken } from './convex-tokens'
import { loadConvex } from './load-convex'
import { retryConvex } from './retry-convex'
import type { RetryEnvironment } from './retry-convex'

export interface ConvexConnection {
  url: string
  mintToken: MintToken
  adminKey?: string
  /** Default: real time, real chance. */
  environment?: RetryEnvironment & { now: () => number }
}

const QUERIES: ReadonlySet<ConvexFunctionName> = new Set(['pull', 'exportPage', 'watchChanges'])

/** A deployment over the network: one HTTP call a function call, and one WebSocket for all watched workspaces. */
export function connectConvex(connection: ConvexConnection): ConvexDeployment {
  return new RemoteDeployment(connection)
}

class RemoteDeployment implements ConvexDeployment {
  private readonly environment
  private readonly tokens: ConvexTokens
  private socket: Promise<ConvexClient> | null = null

  constructor(private readonly connection: ConvexConnection) {
    this.environment = connection.environment ?? { wait, random: Math.random, now: Date.now }
    this.tokens = new ConvexTokens(connection.mintToken, this.environment.now)
  }

  get canOperate(): boolean {
    return !!this.connection.adminKey
  }

  async call<Name extends ConvexFunctionName>(name: Name, args: ConvexArgs<Name>, caller: ConvexCaller): Promise<ConvexReply<ConvexReturns<Name>>> {
    const send = () => retryConvex(() => this.send(name, args, caller), this.environment)
    try { return await this.answer(send) }
    catch (error) {
      // The key may have been changed, or a clock be slow: a fresh token is tried once.
      if (!(error instanceof ConvexHttpError) || error.status !== 401 || caller === 'operator') throw error
      this.tokens.forget(subjectOf(caller))
      return await this.answer(send)
    }
  }

  watch(workspaceId: string, onValue: (value: ConvexReturns<'watchChanges'>) => void): () => void {
    let stopped = false
    let unsubscribe = () => {}
    void this.openSocket().then(async (client) => {
      const { makeFunctionReference } = await loadConvex()
      if (stopped) return
      const reference = makeFunctionReference<'query', ConvexArgs<'watchChanges'>, ConvexReturns<'watchChanges'>>('sync:watchChanges')
      // An error of the query is told again as a value once it is over: the subscription stays.
      unsubscribe = client.onUpdate(reference, { workspaceId }, onValue, () => {})
    })
    return () => {
      stopped = true
      unsubscribe()
    }
  }

  async close(): Promise<void> {
    const socket = this.socket
    this.socket = null
    await (await socket)?.close()
  }

  private async send<Name extends ConvexFunctionName>(name: Name, args: ConvexArgs<Name>, caller: ConvexCaller): Promise<ConvexReturns<Name>> {
    const { ConvexHttpClient, makeFunctionReference } = await loadConvex()
    // One a call: a client holds one token, and queues mutations.
    const client = new ConvexHttpClient(this.connection.url, { skipConvexDeploymentUrlCheck: true, logger: false, fetch: convexFetch })
    if (caller === 'operator') (client as unknown as AdminClient).setAdminAuth(this.connection.adminKey!)
    else client.setAuth(await this.tokens.get(subjectOf(caller)))
    return QUERIES.has(name)
      ? await client.query(makeFunctionReference<'query', ConvexArgs<Name>, ConvexReturns<Name>>(`sync:${name}`), ...[args] as never)
      : await client.mutation(makeFunctionReference<'mutation', ConvexArgs<Name>, ConvexReturns<Name>>(`sync:${name}`), ...[args, { skipQueue: true }] as never)
  }

  /** What a function threw to be read is an outcome; whatever else goes wrong is not. */
  private async answer<Value>(send: () => Promise<Value>): Promise<ConvexReply<Value>> {
    try { return { status: 'done', value: await send() } }
    catch (error) {
      const { code, message } = (error as { data?: { code?: unknown, message?: unknown } } | null)?.data ?? {}
      if (!SYNC_ERROR_CODES.includes(code as SyncErrorCode)) throw error
      return { status: 'refused', code: code as SyncErrorCode, message: String(message ?? code) }
    }
  }

  private openSocket(): Promise<ConvexClient> {
    return this.socket ??= loadConvex().then(({ ConvexClient }) => {
      const client = new ConvexClient(this.connection.url, { skipConvexDeploymentUrlCheck: true, logger: false, unsavedChangesWarning: false })
      client.setAuth(async ({ forceRefreshToken }) => {
        if (forceRefreshToken) this.tokens.forget(SERVICE_SUBJECT)
        return await this.tokens.get(SERVICE_SUBJECT).catch(() => null)
      })
      return client
    })
  }
}

/** Public in the client, though not in its types: the documented HTTP API takes a deployment's key the same way. */
interface AdminClient { setAdminAuth(key: string): void }

/** @throws TypeError for a user who would be taken for the gateway itself */
function subjectOf(caller: Exclude<ConvexCaller, 'operator'>): string {
  if (caller === 'service') return SERVICE_SUBJECT
  if (caller.userId === SERVICE_SUBJECT) throw new TypeError(`[or3-sync] the user id "${SERVICE_SUBJECT}" is reserved for the gateway itself`)
  return caller.userId
}
