import { SyncError, toSyncError } from '../../../shared/sync/errors'
import { isBarred } from '../../../shared/sync/is-barred'
import type { ChangePage, SubscriptionStatus, SyncChange } from '../../../shared/sync/types'
import type { EngineContext } from '../engine-context'
import { mayArriveLater } from '../outbox/given-up'
import { retryDelay } from '../outbox/retry-policy'
import { untilAborted } from '../until-aborted'
import type { CatchUp } from './catch-up'
import type { ChangeApplier, Heard } from './change-applier'
import type { CursorManager } from './cursor-manager'
import { OvertakenError } from './overtaken-error'

/** After this many failures in a row the app is told; trying goes on. */
const MANY_ATTEMPTS = 20
/** The store need not hear of every step of the cursor. */
const CURSOR_REPORT_MS = 10_000
/** How often a live subscription counts as contact. */
const TOUCH_MS = 10 * 60_000
/** Changes that came without a page do not move the cursor: a pull soon after does. */
const SETTLE_MS = 200

export interface SubscriptionManagerOptions {
  context: EngineContext
  applier: ChangeApplier
  cursors: CursorManager
  catchUp: CatchUp
  onStatus: (status: SubscriptionStatus, error: SyncError | null) => void
}

/** Keeps this device level with the store: catches up, then follows live changes, and starts over whenever either breaks. */
export class SubscriptionManager {
  #status: SubscriptionStatus = 'disconnected'
  #abort: AbortController | null = null
  #done: Promise<void> = Promise.resolve()
  #wakeUp: (() => void) | null = null
  #woken = false
  /** Ends the live phase: with an error to back off, without one to catch up at once. */
  #endLive: ((error: unknown) => void) | null = null
  #pulling: Promise<void> | null = null
  #pullTimer: unknown
  #touchTimer: unknown
  /** Live pages, one after the other: whether a page continues the cursor is known only once its predecessor is applied. */
  #incoming: Promise<void> = Promise.resolve()
  /** The mark of the live page before. */
  #streamed: string | undefined
  #rescanReason: string | null = null
  /** `lookAgain` was called while catching up, perhaps too late for it. */
  #looksAgain = false
  #reported = { version: 0, at: 0 }

  constructor(private readonly options: SubscriptionManagerOptions) {}

  get status(): SubscriptionStatus {
    return this.#status
  }

  get isLive(): boolean {
    return this.#endLive !== null && this.#pulling === null
  }

  start(): void {
    if (this.#abort) return
    this.#abort = new AbortController()
    this.#done = this.#run(this.#abort.signal)
  }

  async stop(): Promise<void> {
    this.#abort?.abort(new SyncError('UNKNOWN', 'sync was stopped'))
    this.#abort = null
    this.#wakeUp?.()
    await this.#done
    this.#setStatus('disconnected')
  }

  /** Waiting is likely to be over. */
  wake(): void {
    this.#woken = true
    this.#wakeUp?.()
  }

  /** A push was told that this user may not be here: what is live is not, and the status says so. */
  bar(error: SyncError): void {
    this.#endLive?.(error)
  }

  /** Something is in the store that this device should see now. */
  pullSoon(delayMs = 0): void {
    const { clock } = this.options.context.env
    if (this.#pullTimer !== undefined || !this.#endLive) return
    this.#pullTimer = clock.setTimeout(() => {
      this.#pullTimer = undefined
      this.#pullNow()
    }, delayMs)
  }

  /** What was set aside may count by now, or a table is to be fetched again. */
  lookAgain(): void {
    if (!this.#endLive) this.#looksAgain = true
    else void this.#lookNow().catch(error => this.#endLive?.(error))
  }

  /** Fetches everything again. */
  rescan(reason: string): void {
    this.#rescanReason = reason
    this.#endLive?.(null)
    this.#wakeUp?.()
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { context, catchUp } = this.options
    let attempts = 0
    while (!signal.aborted) {
      try {
        this.#woken = false
        this.#setStatus(attempts > 0 ? 'reconnecting' : 'connecting')
        const reason = this.#rescanReason
        this.#rescanReason = null
        if (reason) await this.#askRescan(reason)
        await catchUp.run(signal)
        if (this.#rescanReason) continue
        await this.#live(signal, () => { attempts = 0 })
      }
      catch (thrown) {
        if (signal.aborted) break
        attempts++
        const error = toSyncError(thrown)
        context.hooks.doAction('sync.pull:action:error', { scope: context.scope, error })
        this.#setStatus('error', error)
        if (attempts === MANY_ATTEMPTS) context.hooks.doAction('sync.subscription:action:maxRetriesExceeded', { scope: context.scope, attempts })
        // Who is no member does not become one by asking: it is tried again when somebody has reason to.
        await this.#sleep(isBarred(error) ? null : retryDelay(attempts, context.env.random, error.retryAfter), signal)
      }
    }
  }

  /** One that cannot begin is still asked for, unless another tab does the same. One that has begun goes on with the next run. */
  async #askRescan(reason: string): Promise<void> {
    try {
      // Another tab may have led since this one last looked.
      await this.options.cursors.load()
      await this.options.catchUp.askRescan(reason)
    }
    catch (error) {
      if (!(error instanceof OvertakenError)) this.#rescanReason ??= reason
      throw error
    }
  }

  /** Follows live changes until the subscription ends or somebody ends it. */
  async #live(signal: AbortSignal, onConnected: () => void): Promise<void> {
    const { context, cursors, catchUp } = this.options
    const { provider, scope, schema, db, env } = context
    // Without Web Locks another tab may be pushing what this one has given up.
    const hearsItself = !env.locks || await mayArriveLater(db, env.clock.now())
    const abort = new AbortController()
    const ended = new Promise<void>((resolve, reject) => {
      this.#endLive = error => error ? reject(error) : resolve()
    })
    // It may fail before anybody waits for it.
    ended.catch(() => {})
    const onAbort = () => {
      abort.abort()
      this.#endLive?.(null)
    }
    signal.addEventListener('abort', onAbort)
    let unsubscribe: (() => void) | undefined
    try {
      const subscribing = provider.subscribe(scope, Object.keys(schema.tables), (changes, page) => this.#received(abort.signal, changes, page), {
        cursor: () => cursors.state.cursor,
        node: hearsItself ? undefined : context.hlc.node(),
        signal: abort.signal,
        onStatus: (status, detail) => {
          if (detail?.session) context.membershipsChanged()
          if (detail?.rescan) this.rescan(detail.restored ? 'epoch' : 'history gap')
          else if (status === 'error' || status === 'disconnected') this.#endLive?.(detail?.error ?? new SyncError('NETWORK_ERROR', 'the subscription ended'))
          else this.#setStatus(status)
        },
      })
      // One that comes too late is given back at once.
      subscribing.then((stop) => { if (signal.aborted) stop() }, () => {})
      unsubscribe = await untilAborted(subscribing, signal)
      // What came between catching up and subscribing.
      await catchUp.pull(signal)
      if (this.#looksAgain) await this.#lookNow()
      onConnected()
      this.#setStatus('connected')
      await this.#reportCursor(true)
      this.#touch()
      await ended
    }
    finally {
      signal.removeEventListener('abort', onAbort)
      this.#endLive = null
      this.#clearTimers()
      abort.abort()
      unsubscribe?.()
      await this.#pulling
      await this.options.applier.storeCursor()
    }
  }

  /** A quiet stream is contact, too: neither this device nor the store may take the other for gone. */
  #touch(): void {
    const { context: { env }, cursors } = this.options
    const live = this.#endLive
    this.#touchTimer = env.clock.setTimeout(() => {
      cursors.pass(cursors.state.cursor, env.clock.now())
      this.#reported.version = 0
      void this.options.applier.storeCursor().then(() => this.#reportCursor(true)).catch(error => this.#endLive?.(error)).then(() => { if (live && this.#endLive === live) this.#touch() })
    }, TOUCH_MS)
  }

  /** `ended`: a page that comes late, from a subscription that is over, says nothing about the place of the next one. */
  #received(ended: AbortSignal, changes: readonly SyncChange[], page?: ChangePage): void {
    const { context, cursors } = this.options
    if (!this.#endLive || ended.aborted) return
    const { epoch } = cursors.state
    if (page?.epoch !== undefined && epoch !== undefined && page.epoch !== epoch) return this.rescan('epoch')
    // A subscription checks each page against the one before.
    const heard = { mark: page?.mark, asked: this.#streamed }
    this.#streamed = page?.mark ?? this.#streamed
    if (changes.length) context.hooks.doAction('sync.pull:action:received', { scope: context.scope, changeCount: changes.length })
    this.#setStatus('syncing')
    this.#incoming = this.#incoming.then(() => ended.aborted ? undefined : this.#apply(changes, page, heard)).then(
      () => { if (this.#status === 'syncing') this.#setStatus('connected') },
      error => this.#endLive?.(error),
    )
  }

  async #apply(changes: readonly SyncChange[], page: ChangePage | undefined, heard: Heard): Promise<void> {
    const { applier, cursors } = this.options
    const { cursor } = cursors.state
    const continues = page !== undefined && page.from <= cursor
    await applier.apply(changes, continues ? { cursor: { cursor: Math.max(cursor, page.nextCursor) }, heard } : {})
    if (continues) await this.#reportCursor(false)
    else this.pullSoon(page ? 0 : SETTLE_MS)
  }

  #pullNow(): void {
    if (this.#pulling || !this.#endLive || !this.#abort) return
    this.#pulling = this.options.catchUp.pull(this.#abort.signal)
      .catch(error => this.#endLive?.(error))
      .finally(() => { this.#pulling = null })
  }

  async #lookNow(): Promise<void> {
    this.#looksAgain = false
    if (await this.options.catchUp.lookAgain()) this.#endLive?.(null)
  }

  /** Lets the store know how far this device is, so that it need not keep tombstones for it. Failing to is no failure. */
  async #reportCursor(now: boolean): Promise<void> {
    const { context, cursors } = this.options
    const { provider, scope, env } = context
    const { cursor } = cursors.state
    const at = env.clock.now()
    if (!provider.updateCursor || cursor === 0 || cursor === this.#reported.version || (!now && at - this.#reported.at < CURSOR_REPORT_MS)) return
    this.#reported = { version: cursor, at }
    // First here, then there: the store may forget what everybody is said to have.
    await this.options.applier.storeCursor()
    try { await provider.updateCursor(scope, context.deviceId(), cursor) }
    catch (error) {
      this.#reported = { version: 0, at }
      env.log.debug('The store did not take this device\'s cursor', error)
    }
  }

  #setStatus(status: SubscriptionStatus, error: SyncError | null = null): void {
    const previousStatus = this.#status
    this.#status = status
    this.options.onStatus(status, error)
    if (status !== previousStatus) this.options.context.hooks.doAction('sync.subscription:action:statusChange', { scope: this.options.context.scope, previousStatus, status })
  }

  /** Null: until it is woken. */
  async #sleep(ms: number | null, signal: AbortSignal): Promise<void> {
    // Woken while the request that failed was under way: it may have been the last of the old network.
    if (signal.aborted || this.#woken) return
    const { clock } = this.options.context.env
    await new Promise<void>((resolve) => {
      const timer = ms === null ? undefined : clock.setTimeout(resolve, ms)
      this.#wakeUp = () => {
        if (timer !== undefined) clock.clearTimeout(timer)
        resolve()
      }
    })
    this.#wakeUp = null
  }

  #clearTimers(): void {
    const { clock } = this.options.context.env
    if (this.#pullTimer !== undefined) clock.clearTimeout(this.#pullTimer)
    if (this.#touchTimer !== undefined) clock.clearTimeout(this.#touchTimer)
    this.#pullTimer = this.#touchTimer = undefined
  }
}
