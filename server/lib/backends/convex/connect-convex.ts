import { setTimeout as wait } from 'node:timers/promises'
import { isWireErrorCode } from '#or3-sync/shared/sync/protocol/errors'
import { SERVICE_SUBJECT } from '#or3-sync/shared/sync/store/service-subject'
import { GatewayError } from '../../errors/gateway-error'
import { FailedBatchError } from '../../errors/failed-batch-error'
import type { ConvexArgs, ConvexCaller, ConvexDeployment, ConvexFunctionName, ConvexReply, ConvexReturns } from './convex-deployment'
import { convexFetch, ConvexHttpError } from './convex-fetch'
import type { ConvexLogger } from './convex-logger'
import { ConvexTokens } from './convex-tokens'
import type { MintToken } from './convex-tokens'
import { loadConvex } from './load-convex'
import { retryConvex } from './retry-convex'
import type { RetryEnvironment } from './retry-convex'
import { WatchSocket } from './watch-socket'

export interface ConvexConnection {
  url: string
  mintToken: MintToken
  adminKey?: string
  /** Default: silent. */
  logger?: ConvexLogger
  /** Default: real time, real chance. */
  environment?: RetryEnvironment & { now: () => number }
}

const QUERIES: ReadonlySet<ConvexFunctionName> = new Set(['pull', 'exportPage', 'watchChanges', 'get', 'list'])
/** Those that came after the others: a deployment may be without them. */
const NEWER: ReadonlySet<ConvexFunctionName> = new Set(['write', 'get', 'list'])

/**
 * A deployment over the network. Each call is one HTTP request; all watched workspaces share one WebSocket.
 *
 * @throws TypeError if `url` is not a URL
 */
export function connectConvex(connection: ConvexConnection): ConvexDeployment {
  checkUrl(connection.url)
  return new RemoteDeployment(connection)
}

function checkUrl(url: string): void {
  const protocol = URL.canParse(url) ? new URL(url).protocol : ''
  if (protocol !== 'https:' && protocol !== 'http:') throw new TypeError(`[or3-sync] the Convex URL is "${url}"; it must be the URL of a deployment, such as https://name.convex.cloud`)
}

class RemoteDeployment implements ConvexDeployment {
  readonly #environment
  readonly #tokens: ConvexTokens
  readonly #socket: WatchSocket

  constructor(private readonly connection: ConvexConnection) {
    this.#environment = connection.environment ?? { wait, random: Math.random, now: Date.now }
    this.#tokens = new ConvexTokens(connection.mintToken, this.#environment.now)
    this.#socket = new WatchSocket({ url: connection.url, tokens: this.#tokens, logger: connection.logger, random: this.#environment.random })
  }

  get canOperate(): boolean {
    return !!this.connection.adminKey
  }

  async call<Name extends ConvexFunctionName>(name: Name, args: ConvexArgs<Name>, caller: ConvexCaller): Promise<ConvexReply<ConvexReturns<Name>>> {
    const send = () => retryConvex(() => this.#send(name, args, caller), this.#environment)
    try { return await this.#answer(send) }
    catch (error) {
      // The signing key may have changed, or a clock may be wrong. So a fresh token is tried once.
      if (!(error instanceof ConvexHttpError) || error.status !== 401 || caller === 'operator') throw error
      this.#tokens.forget(subjectOf(caller))
      return await this.#answer(send)
    }
  }

  watch(workspaceId: string, onValue: (value: ConvexReturns<'watchChanges'>) => void): () => void {
    return this.#socket.watch(workspaceId, onValue)
  }

  close(): Promise<void> {
    return this.#socket.close()
  }

  async #send<Name extends ConvexFunctionName>(name: Name, args: ConvexArgs<Name>, caller: ConvexCaller): Promise<ConvexReturns<Name>> {
    const { ConvexHttpClient, makeFunctionReference } = await loadConvex()
    // A new client for each call, because a client holds one token and sends its mutations one after another.
    const client = new ConvexHttpClient(this.connection.url, { skipConvexDeploymentUrlCheck: true, logger: false, fetch: convexFetch })
    if (caller === 'operator') (client as unknown as AdminClient).setAdminAuth(this.connection.adminKey!)
    else client.setAuth(await this.#tokens.get(subjectOf(caller)))
    try {
      if (QUERIES.has(name)) return await client.query(makeFunctionReference<'query', ConvexArgs<Name>, ConvexReturns<Name>>(`sync:${name}`), ...[args] as never)
      return await client.mutation(makeFunctionReference<'mutation', ConvexArgs<Name>, ConvexReturns<Name>>(`sync:${name}`), ...[args, { skipQueue: true }] as never)
    }
    catch (error) {
      // Otherwise the function ran and failed without an error for its caller (it hit a limit of Convex, or a bug), or there is no such function.
      if (error instanceof ConvexHttpError || dataOf(error) !== undefined) throw error
      if (name === 'push') throw new FailedBatchError('the Convex function sync:push failed', { cause: error })
      if (NEWER.has(name)) throw failedOrMissing(name, error)
      throw error
    }
  }

  /** An error that the function threw for its caller is an outcome. Every other error is thrown on. */
  async #answer<Value>(send: () => Promise<Value>): Promise<ConvexReply<Value>> {
    try { return { status: 'done', value: await send() } }
    catch (error) {
      const { code, message, index } = dataOf(error) ?? {}
      if (!isWireErrorCode(code)) throw error
      return { status: 'refused', code, message: String(message ?? code), ...index !== undefined && { index: Number(index) } }
    }
  }
}

function dataOf(error: unknown): RefusalData | undefined {
  return (error as { data?: RefusalData } | null)?.data
}

interface RefusalData { code?: unknown, message?: unknown, index?: unknown }

/** Convex has no code for a function that is not there, so the text names both causes. */
function failedOrMissing(name: ConvexFunctionName, cause: unknown): GatewayError {
  const what = cause instanceof Error ? cause.message : String(cause)
  return new GatewayError(501, 'SERVER_ERROR', `the Convex function sync:${name} failed, or the deployment does not have it. Export write, get and list of defineSyncFunctions from convex/sync.ts, and deploy. Convex says: ${what}`)
}

/** Public in the client, but missing from its types. The documented HTTP API takes a deployment's key in the same way. */
interface AdminClient { setAdminAuth(key: string): void }

/** @throws TypeError for a user id that would be taken for the gateway itself */
function subjectOf(caller: Exclude<ConvexCaller, 'operator'>): string {
  if (caller === 'service') return SERVICE_SUBJECT
  if (caller.userId === SERVICE_SUBJECT) throw new TypeError(`[or3-sync] the user id "${SERVICE_SUBJECT}" is reserved for the gateway itself`)
  return caller.userId
}
