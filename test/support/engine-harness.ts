import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, getRequestHeader, toNodeListener } from 'h3'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { createSyncEngine, GatewaySyncProvider, type SyncEnvironment, type SyncProvider } from 'or3-sync/client'
import { loadSyncCode } from '#or3-sync/core/sync/life/load-sync-code'
import { loadGatewayLink } from '#or3-sync/core/sync/transport/gateway/load-gateway-link'
import type { SyncSchema } from 'or3-sync/schema'
import { createSyncGateway, memoryBackend, type SyncBackend, type SyncGateway } from 'or3-sync/server'
import { todoSchema } from './todo-schema'

export type TodoEngine = ReturnType<EngineHarness['device']>

/** A real gateway on a real port, and as many devices as a test likes, each with an IndexedDB of its own. */
export class EngineHarness {
  readonly gateway: SyncGateway
  readonly #server: Server
  readonly #engines = new Set<{ close: () => Promise<void> }>()
  /** While true, every request fails as if the network were gone. */
  offline = false
  /** Called before each request with its path; may throw or answer in the server's place. */
  intercept: ((path: string, init: RequestInit | undefined, send: () => Promise<Response>) => Promise<Response>) | null = null
  requests: string[] = []
  /** Whom the browser's cookie names, whosever database asks; null: the one whose database asks. Open streams keep theirs. */
  signedIn: string | null = null
  /** Users whose membership of the workspace has ended; open streams notice within a few milliseconds. */
  readonly outsiders: Set<string>
  /** Users whose session has expired. */
  readonly signedOut: Set<string>

  private constructor(server: Server, gateway: SyncGateway, { outsiders, signedOut }: { outsiders: Set<string>, signedOut: Set<string> }) {
    this.outsiders = outsiders
    this.signedOut = signedOut
    this.#server = server
    this.gateway = gateway
  }

  static async open(options: { schema?: SyncSchema, backend?: SyncBackend, now?: () => number, purgeAfterDays?: number, roles?: Record<string, 'owner' | 'editor' | 'viewer'> } = {}): Promise<EngineHarness> {
    // Where clocks are fast, a start would not wait for them.
    await Promise.all([loadSyncCode(), loadGatewayLink()])
    const outsiders = new Set<string>()
    const signedOut = new Set<string>()
    const gateway = createSyncGateway({
      schema: options.schema ?? todoSchema as unknown as SyncSchema,
      backend: options.backend ?? memoryBackend(),
      now: options.now,
      purgeAfterDays: options.purgeAfterDays,
      session: (event) => {
        const userId = getRequestHeader(event, 'x-user')
        if (!userId || signedOut.has(userId)) return null
        return { userId, workspaces: outsiders.has(userId) ? [] : [{ id: 'w1', role: options.roles?.[userId] ?? 'editor' }] }
      },
      sessionCheckMs: 20,
    })
    const app = createApp()
    app.use(gateway)
    const server = createServer(toNodeListener(app))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    return new EngineHarness(server, gateway, { outsiders, signedOut })
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  fetchAs(userId: string): typeof fetch {
    return async (input, init) => {
      const url = String(input)
      const path = new URL(url).pathname.replace('/api/sync', '')
      this.requests.push(path)
      const send = () => fetch(url, { ...init, headers: { ...init?.headers, 'x-user': this.signedIn ?? userId } })
      if (this.offline) throw new TypeError('fetch failed')
      return this.intercept ? await this.intercept(path, init, send) : await send()
    }
  }

  provider(userId: string): GatewaySyncProvider {
    return new GatewaySyncProvider({ baseURL: this.origin, fetch: this.fetchAs(userId) })
  }

  /** A device of a user. The same `indexedDB` handed in again is the same device, after a reload or in another tab. */
  device(userId = 'ann', options: { indexedDB?: IDBFactory, environment?: Partial<SyncEnvironment>, schema?: typeof todoSchema, provider?: SyncProvider } = {}) {
    const indexedDB = options.indexedDB ?? new IDBFactory()
    const engine = createSyncEngine({
      schema: options.schema ?? todoSchema,
      session: { userId, workspaceId: 'w1' },
      provider: options.provider ?? this.provider(userId),
      indexedDB,
      IDBKeyRange,
      environment: { isOnline: () => !this.offline, channel: () => null, ...options.environment },
    })
    this.#engines.add(engine)
    return Object.assign(engine, { indexedDB })
  }

  async close(): Promise<void> {
    for (const engine of this.#engines) await engine.close()
    await this.gateway.close()
    this.#server.closeAllConnections()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

/** Waits until `check` holds, looking again after every turn of the event loop. Fails with the last value after 10 s. */
export async function until<T>(check: () => T | Promise<T>, holds: (value: T) => boolean = Boolean): Promise<T> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const value = await check()
    if (holds(value)) return value
    if (Date.now() > deadline) throw new Error(`waited in vain; last value: ${JSON.stringify(value)}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
