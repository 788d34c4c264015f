import type { ConvexClient } from 'convex/browser'
import type { FunctionReference } from 'convex/server'
import { SyncError } from '../../../../shared/sync/protocol/errors'
import { untilAborted } from '../../../../shared/sync/waiting/until-aborted'
import { linkSignals } from '../../environment/link-signals'
import { ConvexAuth, type ConvexTokenFetcher } from './convex-auth'
import { convexError } from './convex-error'

export interface ConvexConnectionOptions {
  /** The app's client, or a function that makes one at the first call. A client that was made so is closed with the provider. */
  client: ConvexClient | (() => ConvexClient | Promise<ConvexClient>)
  fetchToken?: ConvexTokenFetcher
  /** Name of the file below `convex/` that exports the sync functions. */
  functions: string
  /** How long to wait for an answer, in milliseconds. */
  timeoutMs: number
}

/** Calls Convex functions through a `ConvexClient`, with a time limit for each answer. The client by itself would wait for ever. */
export class ConvexConnection {
  #client: Promise<ConvexClient> | null = null
  #auth: ConvexAuth | null = null
  /** The mutation that is under way. Its caller may have stopped waiting already. */
  #sending: Promise<void> | null = null
  readonly #disposed = new AbortController()

  constructor(private readonly options: ConvexConnectionOptions) {}

  /**
   * Runs a mutation. Only one is under way at a time: the client keeps a mutation that it could not deliver, and sends it when it is connected
   * again. A second one would then go out together with the first. If `notAfter` aborts before the mutation has left, it is not sent.
   */
  async mutation<T>(name: string, args: Record<string, unknown>, notAfter?: AbortSignal): Promise<T> {
    const client = await this.ready()
    return await this.#inTime(async (signal) => {
      while (this.#sending) await this.#sending
      // The caller may have stopped waiting meanwhile, and may have started another mutation.
      signal.throwIfAborted()
      notAfter?.throwIfAborted()
      const read = this.#errorReader(client)
      const sent = client.mutation(this.#reference<'mutation'>(name), args)
      const done = () => { this.#sending = null }
      this.#sending = sent.then(done, done)
      return await sent.catch((thrown) => { throw read(thrown) }) as T
    })
  }

  async query<T>(name: string, args: Record<string, unknown>): Promise<T> {
    const client = await this.ready()
    const read = this.#errorReader(client)
    let stop = () => {}
    try {
      return await this.#inTime(async () => await new Promise<T>((resolve, reject) => {
        stop = client.onUpdate(this.#reference<'query'>(name), args, value => resolve(value as T), error => reject(read(error)))
      }))
    }
    finally { stop() }
  }

  /** Calls `onResult` with every new result of a query. @returns a function that stops it. */
  async watch<T>(name: string, args: Record<string, unknown>, onResult: (result: T) => void, onError: (error: SyncError) => void): Promise<() => void> {
    const client = await this.ready()
    const read = this.#errorReader(client)
    return client.onUpdate(this.#reference<'query'>(name), args, value => onResult(value as T), error => onError(read(error)))
  }

  /** Calls back when the socket opens and when it closes. @returns a function that stops it. */
  async onConnected(callback: (isConnected: boolean) => void): Promise<() => void> {
    const client = await this.#open()
    let was = client.connectionState().isWebSocketConnected
    return client.subscribeToConnectionState(({ isWebSocketConnected: is }) => {
      if (is === was) return
      was = is
      callback(is)
    })
  }

  /**
   * A client that is connected and signed in.
   *
   * @throws SyncError `NETWORK_ERROR` when there is no connection in time, `UNAUTHORIZED` when there is no token.
   */
  async ready(): Promise<ConvexClient> {
    return await this.#inTime(async (signal) => {
      const client = await this.#open()
      await this.#auth?.ensure()
      if (!client.connectionState().isWebSocketConnected) await untilConnected(client, signal)
      return client
    })
  }

  /** Fails all calls that are under way, and closes the client if it was made here. */
  async dispose(): Promise<void> {
    this.#disposed.abort(new SyncError('NETWORK_ERROR', 'the provider was disposed of'))
    if (typeof this.options.client === 'function') await (await this.#client)?.close()
  }

  #open(): Promise<ConvexClient> {
    return this.#client ??= this.#make().catch((error) => {
      this.#client = null
      throw error
    })
  }

  async #make(): Promise<ConvexClient> {
    this.#disposed.signal.throwIfAborted()
    const { client, fetchToken, timeoutMs } = this.options
    const made = typeof client === 'function' ? await client() : client
    if (fetchToken) this.#auth = new ConvexAuth(made, fetchToken, timeoutMs)
    return made
  }

  /** Must be created before a call. It reads the call's error, and knows whether a user was signed in during the whole call. */
  #errorReader(client: ConvexClient): (thrown: unknown) => SyncError {
    const isKnown = () => client.getAuth() !== undefined
    const [wasKnown, standing] = [isKnown(), this.#auth?.standing]
    return thrown => convexError(thrown, { isSignedIn: wasKnown && isKnown() && standing === this.#auth?.standing })
  }

  /** The client also takes a path such as `sync:push` as a reference, but its types do not say so. */
  #reference<Kind extends 'query' | 'mutation'>(name: string): FunctionReference<Kind> {
    return `${this.options.functions}:${name}` as unknown as FunctionReference<Kind>
  }

  /** Runs an action with the time limit. The signal aborts when the action is over, is too late, or the provider was disposed of. */
  async #inTime<T>(action: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const late = () => new SyncError('NETWORK_ERROR', 'Convex did not answer in time')
    const { signal, abort } = linkSignals([this.#disposed.signal], { timeoutMs: this.options.timeoutMs, late })
    try { return await untilAborted(action(signal), signal) }
    catch (thrown) { throw convexError(thrown) }
    finally { abort() }
  }
}

async function untilConnected(client: ConvexClient, signal: AbortSignal): Promise<void> {
  let stop = () => {}
  await new Promise<void>((resolve) => {
    stop = client.subscribeToConnectionState(({ isWebSocketConnected }) => { if (isWebSocketConnected) resolve() })
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  stop()
}
