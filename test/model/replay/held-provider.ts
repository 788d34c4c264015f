import { SyncError, type OnChanges, type PullRequest, type PullResponse, type PushBatch, type PushResult, type SyncProvider, type SyncScope } from 'or3-sync/client'
import type { SyncBackend } from 'or3-sync/server'
import { readOp } from '#or3-sync/shared/sync/store/read-op'
import { serializeChanges, serializeFeed } from '../../../server/lib/wire/serialize-feed'
import { serializePush } from '../../../server/lib/wire/serialize-push'
import { replaySchema } from './replay-schema'

/** Above every version of a replay. */
const FAR_AHEAD = 1_000_000
const PAGE_BYTES = 1_000_000
/** The device does not try again by itself within a replay. */
const RETRY_AFTER_MS = 3_600_000

interface Held<Request, Reply> {
  request: Request
  reply: Reply | null
  resolve: (reply: Reply) => void
  reject: (error: unknown) => void
}

export interface HeldProviderOptions {
  backend: SyncBackend
  userId: string
  workspaceId: string
  now: () => number
  /** See `SyncProvider.batchOps`. */
  batchOps: number | undefined
}

/** A provider that holds every request until the replay lets it arrive, and every reply until the replay delivers it. A page has one change. */
export class HeldProvider implements SyncProvider {
  readonly id = 'held'
  readonly mode = 'direct'
  readonly batchOps: number | undefined
  /** The engine has pulled once more while a pull was under way: after it had subscribed, and because of an answer. The model has one pull at a time. */
  pulledTwice = false
  #tell: OnChanges = () => {}
  #push: Held<PushBatch, PushResult> | null = null
  #pull: Held<PullRequest, PullResponse> | null = null

  constructor(private readonly options: HeldProviderOptions) {
    this.batchOps = options.batchOps
  }

  get heldPush(): PushBatch | null {
    return this.#push?.request ?? null
  }

  get heldPull(): PullRequest | null {
    return this.#pull?.request ?? null
  }

  push(request: PushBatch): Promise<PushResult> {
    if (this.#push) throw new Error('two pushes at a time')
    // Without a mark. The contract does not name them, and with them a restore shows in other answers as well.
    return new Promise((resolve, reject) => { this.#push = { request: structuredClone(request), reply: null, resolve, reject } })
  }

  pull(request: PullRequest): Promise<PullResponse> {
    const first = this.#pull
    this.pulledTwice ||= first !== null
    // Both get the same page.
    return new Promise((resolve, reject) => {
      const toBoth = (reply: PullResponse) => {
        first?.resolve(reply)
        resolve(structuredClone(reply))
      }
      this.#pull = { request: structuredClone(request), reply: first?.reply ?? null, resolve: toBoth, reject }
    })
  }

  async subscribe(_scope: SyncScope, _tables: string[], onChanges: OnChanges): Promise<() => void> {
    this.#tell = onChanges
    return () => {}
  }

  /** A live page comes for which pages before it are missing, so the device pulls. */
  nudge(): void {
    void this.#tell([], { from: FAR_AHEAD, nextCursor: FAR_AHEAD })
  }

  /** The push arrives at the store. */
  async arrive(): Promise<void> {
    const { backend, userId, workspaceId, now } = this.options
    const push = this.#push!
    const pushed = await backend.push({ workspaceId, userId, items: push.request.ops.map(op => readOp(op, replaySchema)), now: now() })
    if (pushed.status !== 'pushed') throw new Error('the batch is too large')
    push.reply = JSON.parse(serializePush(pushed, now()).toString()) as PushResult
  }

  /** The device gets the answer to its push. */
  answer(): void {
    const { reply, resolve } = this.#push!
    this.#push = null
    resolve(reply!)
  }

  lose(): void {
    const { reject } = this.#push!
    this.#push = null
    reject(new SyncError('NETWORK_ERROR', 'the request got no answer', { retryAfter: RETRY_AFTER_MS }))
  }

  /** The store reads the page that was asked for. */
  async read(): Promise<void> {
    const { backend, workspaceId, now } = this.options
    const pull = this.#pull!
    const { cursor, tables, order = 'asc', bootstrap = order === 'desc' } = pull.request
    const { mark: _, ...page } = await backend.pull({ workspaceId, cursor, limit: 1, tables, order, bootstrap, maxBytes: PAGE_BYTES })
    pull.reply = JSON.parse(serializeFeed(page, { changes: serializeChanges(page.rows), serverTime: now() }).toString()) as PullResponse
  }

  /** The device gets the page. */
  deliver(): void {
    const { reply, resolve } = this.#pull!
    this.#pull = null
    resolve(reply!)
  }
}
