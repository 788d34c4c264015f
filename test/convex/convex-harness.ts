import { ConvexClient } from 'convex/browser'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { ConvexSyncProvider, createSyncEngine } from 'or3-sync/client'
import schema from '../../playground/shared/sync.schema'
import type { Loopback } from './loopback/start-loopback'
import { openTestDeployment, type TestDeployment } from './test-deployment'

type Role = 'owner' | 'editor' | 'viewer' | null

/** The playground's functions on the loopback (or a real deployment), and as many devices as a test likes, each with an IndexedDB and a socket of its own. */
export class ConvexHarness {
  readonly #closing: (() => Promise<unknown>)[] = []
  /** No user gets a token while set. */
  tokens: 'given' | 'refused' = 'given'
  /** Users whose token was asked for, in order. */
  readonly tokensFetched: string[] = []

  private constructor(readonly deployment: TestDeployment) {}

  static async open(): Promise<ConvexHarness> {
    return new ConvexHarness(await openTestDeployment())
  }

  /** @throws Error on a real deployment. */
  get loopback(): Loopback {
    return this.deployment.loopback()
  }

  /** A new workspace with these members. */
  async workspace(...members: string[]): Promise<string> {
    const workspaceId = crypto.randomUUID()
    for (const userId of members) await this.setRole(workspaceId, userId, 'editor')
    return workspaceId
  }

  /** Null ends the membership. */
  async setRole(workspaceId: string, userId: string, role: Role): Promise<void> {
    await this.deployment.run('members:set', { workspaceId, userId, role })
  }

  provider(userId: string, options: { timeoutMs?: number } = {}): ConvexSyncProvider {
    return new ConvexSyncProvider({
      ...options,
      client: () => new ConvexClient(this.deployment.url, { logger: false, initialAuthTokenReuse: true }),
      fetchToken: async () => {
        this.tokensFetched.push(userId)
        return this.tokens === 'given' ? await this.deployment.sign(userId) : null
      },
    })
  }

  /** A device of a user, not started. */
  device(userId: string, workspaceId: string, options: { indexedDB?: IDBFactory } = {}) {
    const engine = createSyncEngine({
      schema, session: { userId, workspaceId }, provider: this.provider(userId, { timeoutMs: 5_000 }),
      indexedDB: options.indexedDB ?? new IDBFactory(), IDBKeyRange,
      environment: { channel: () => null, locks: null },
    })
    this.#closing.push(() => engine.close())
    return engine
  }

  async close(): Promise<void> {
    await Promise.all(this.#closing.map(close => close()))
    await this.deployment.close()
  }
}
