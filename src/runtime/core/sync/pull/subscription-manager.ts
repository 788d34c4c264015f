import { SyncError, toSyncError } from '../../../shared/sync/protocol/errors'
import { isBarred } from '../../../shared/sync/protocol/is-barred'
import type { OnChanges, SubscriptionStatus } from '../../../shared/sync/protocol/types'
import type { EngineContext } from '../context/engine-context'
import { mayArriveLater } from '../state/given-up'
import { retryDelay } from '../../../shared/sync/protocol/retry-delay'
import { UnderWay } from '../environment/under-way'
import { untilAborted } from '../environment/until-aborted'
import { announceReceived } from './announce-received'
import type { CatchUp } from './catch-up'
import type { ChangeApplier } from './change-applier'
import type { CursorManager } from '../state/cursor-manager'
import { FOLLOWING, type FollowingData } from '../machine/engine-states'
import { StateMachine } from '../machine/state-machine'
import { CursorReporter } from './cursor-reporter'
import { LivePages, placedPage, type LivePage } from './live-pages'
import { OvertakenError } from '../state/overtaken-error'
import { SleepWatch } from './sleep-watch'
import type { RecordName } from '../records/record-key'

/** After this many failures in a row the app is told; trying goes on. */
const MANY_ATTEMPTS = 20
/** How often a live subscription counts as contact. */
const TOUCH_MS = 10 * 60_000
/** Changes that came without a page do not move the cursor: a pull soon after does. */
const SETTLE_MS = 200

export interface SubscriptionManagerOptions {
  context: EngineContext
  applier: ChangeApplier
  cursors: CursorManager
  catchUp: CatchUp
  /** Whether no other tab can be sending meanwhile. */
  isAlone: () => boolean
  onStatus: (status: SubscriptionStatus, error: SyncError | null) => void
}

/** Keeps this device level with the store: catches up, then follows live changes, and starts over whenever either breaks. */
export class SubscriptionManager {
  readonly #following = new StateMachine<typeof FOLLOWING, FollowingData>(FOLLOWING, { name: 'stopped' })
  #status: SubscriptionStatus = 'disconnected'
  #abort = new AbortController()
  #done: Promise<void> = Promise.resolve()
  readonly #pages = new LivePages({
    apply: (page, signal) => this.#apply(page, signal),
    onApplied: (isComplete) => {
      if (this.#status === 'syncing') this.#setStatus('connected')
      if (!isComplete) this.pullSoon()
    },
    onError: error => this.startOver(error),
  })

  /** What goes on beside the live phase, and ends with it. */
  readonly #underWay = new UnderWay()
  /** Asked for, and not begun. */
  #rescanReason: string | null = null
  /** `lookAgain` was called while catching up, perhaps too late for it. */
  #looksAgain = false
  readonly #reporter: CursorReporter
  readonly #sleepWatch: SleepWatch

  constructor(private readonly options: SubscriptionManagerOptions) {
    this.#reporter = new CursorReporter(options)
    this.#sleepWatch = new SleepWatch(options.context.env.clock)
  }

  get status(): SubscriptionStatus {
    return this.#status
  }

  get isLive(): boolean {
    const { state } = this.#following
    return state.name === 'live' && state.pull === 'none'
  }

  start(): void {
    if (!this.#following.go('start', { isWoken: false })) return
    this.#abort = new AbortController()
    this.#done = this.#run(this.#abort.signal)
  }

  async stop(): Promise<void> {
    const { state } = this.#following
    this.#following.go('stop', {})
    this.#abort.abort(new SyncError('UNKNOWN', 'sync was stopped'))
    if (state.name === 'waiting') state.wakeUp()
    await this.#done
    this.#setStatus('disconnected')
  }

  /** Waiting is likely to be over. */
  wake(): void {
    const { state } = this.#following
    if (state.name === 'waiting') state.wakeUp()
    else if ('isWoken' in state) state.isWoken = true
  }

  /** What is live is not: a push was told that this user may not be here, or the database failed. The status says so. */
  startOver(error: unknown): void {
    const { state } = this.#following
    if (state.name === 'live') state.end(error)
  }

  /** Something is in the store that this device should see now. */
  pullSoon(delayMs = 0): void {
    const { state } = this.#following
    if (state.name !== 'live' || state.pullTimer !== undefined) return
    state.pullTimer = this.options.context.env.clock.setTimeout(() => {
      state.pullTimer = undefined
      this.#pullNow()
    }, delayMs)
  }

  /** What was set aside may count by now, of these records or of any, or a table is to be fetched again. */
  lookAgain(records?: readonly RecordName[]): void {
    if (!this.#following.is('live')) this.#looksAgain = true
    else void this.#underWay.add(this.#lookNow(records).catch(error => this.startOver(error)))
  }

  /** Fetches everything again. */
  rescan(reason: string): void {
    this.#rescanReason = reason
    const { state } = this.#following
    if (state.name === 'live') state.end(null)
    else if (state.name === 'waiting') state.wakeUp()
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { context, catchUp } = this.options
    let attempts = 0
    while (!signal.aborted) {
      try {
        this.#setStatus(attempts > 0 ? 'reconnecting' : 'connecting')
        const reason = this.#rescanReason
        this.#rescanReason = null
        if (reason) await this.#askRescan(reason)
        await catchUp.run(signal)
        if (this.#rescanReason) {
          this.#following.go('again', { isWoken: false })
          continue
        }
        await this.#live(signal, () => { attempts = 0 })
        this.#following.go('ended', { isWoken: false })
      }
      catch (thrown) {
        if (signal.aborted) break
        attempts++
        const error = toSyncError(thrown)
        context.hooks.doAction('sync.pull:action:error', { scope: context.scope, error })
        this.#setStatus('error', error)
        if (attempts === MANY_ATTEMPTS) context.hooks.doAction('sync.subscription:action:maxRetriesExceeded', { scope: context.scope, attempts })
        // Who is no member does not become one by asking: it is tried again when somebody has reason to.
        await this.#sleep(isBarred(error) ? null : Math.max(retryDelay(attempts, context.env.random, error.retryAfter), context.breakers.pull.waitMs), error.retryAfter !== undefined)
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
    // Another tab may be pushing what this one has written, or given up.
    const hearsItself = !this.options.isAlone() || await mayArriveLater(db, env.clock.now())
    const abort = new AbortController()
    let end: FollowingData['live']['end'] = () => {}
    const ended = new Promise<void>((resolve, reject) => {
      end = error => error ? reject(error) : resolve()
    })
    // It may fail before anybody waits for it.
    ended.catch(() => {})
    const onAbort = () => {
      abort.abort()
      end(null)
    }
    signal.addEventListener('abort', onAbort)
    const live: FollowingData['live'] = { isWoken: this.#isWoken, end, pull: 'none' }
    this.#following.go('caughtUp', live)
    this.#sleepWatch.begin()
    let unsubscribe: (() => void) | undefined
    try {
      const subscribing = provider.subscribe(scope, Object.keys(schema.tables), this.#receiver(abort.signal), {
        cursor: () => cursors.state.cursor,
        node: hearsItself ? undefined : context.hlc.node(),
        signal: abort.signal,
        onStatus: (status, detail) => {
          if (abort.signal.aborted) return
          if (detail?.session) context.membershipsChanged()
          if (detail?.rescan) this.rescan(detail.restored ? 'epoch' : 'history gap')
          else if (status === 'error' || status === 'disconnected') this.startOver(detail?.error ?? new SyncError('NETWORK_ERROR', 'the subscription ended'))
          else this.#setStatus(status)
        },
      })
      // One that comes too late is given back at once.
      subscribing.then((stop) => { if (signal.aborted) this.#release(stop) }, () => {})
      unsubscribe = await untilAborted(subscribing, signal)
      // What came between catching up and subscribing.
      await catchUp.pull(signal)
      if (this.#looksAgain) await this.#lookNow()
      onConnected()
      this.#setStatus('connected')
      await this.#reporter.report({ now: true, signal })
      this.#touch(abort.signal)
      await ended
    }
    finally {
      signal.removeEventListener('abort', onAbort)
      this.#following.go('end', { isWoken: this.#isWoken })
      this.#clearTimers(live)
      abort.abort()
      this.#release(unsubscribe)
      await this.#underWay.settled()
      await this.options.applier.storeCursor()
    }
  }

  /** What a provider throws in letting go is no reason to leave the rest undone. */
  #release(unsubscribe: (() => void) | undefined): void {
    try { unsubscribe?.() }
    catch (error) { this.options.context.env.log.warn('The provider could not end its subscription', error) }
  }

  /** A quiet stream is contact, too: neither this device nor the store may take the other for gone. */
  #touch(signal: AbortSignal): void {
    const { context: { env }, cursors } = this.options
    const { state } = this.#following
    if (state.name !== 'live') return
    state.touchTimer = env.clock.setTimeout(() => {
      if (this.#endsAsleep()) return
      cursors.pass(cursors.state.cursor, env.clock.now())
      this.#reporter.forget()
      const touched = this.options.applier.storeCursor().then(() => this.#reporter.report({ now: true, signal })).catch(error => this.startOver(error))
      void this.#underWay.add(touched.then(() => { if (!signal.aborted) this.#touch(signal) }))
    }, TOUCH_MS)
  }

  /** `ended`: a page that comes late, from a subscription that is over, says nothing about the place of the next one. */
  #receiver(ended: AbortSignal): OnChanges {
    return (changes, page) => {
      const { context, cursors } = this.options
      if (!this.#following.is('live') || ended.aborted) return
      const { epoch } = cursors.state
      if (page?.epoch !== undefined && epoch !== undefined && page.epoch !== epoch) return this.rescan('epoch')
      if (this.#pages.isFull(changes)) return this.#pages.skip()
      announceReceived(context, changes)
      this.#setStatus('syncing')
      return this.#underWay.add(this.#pages.add({ changes, page: placedPage(page) }, ended))
    }
  }

  async #apply({ changes, page }: LivePage, signal: AbortSignal): Promise<void> {
    const { applier, cursors } = this.options
    if (this.#endsAsleep()) return
    const { cursor } = cursors.state
    const continues = page !== undefined && page.from <= cursor
    await applier.apply(changes, { upTo: page?.nextCursor, ...(continues ? { cursor: { cursor: Math.max(cursor, page.nextCursor) }, heard: page } : {}) })
    if (continues) await this.#reporter.report({ now: false, signal })
    else this.pullSoon(page ? 0 : SETTLE_MS)
  }

  /**
   * A subscription that the page slept through ends, and the next begins where this one stood. What is still on its way tells of before,
   * and the tombstones that would keep old rows from coming back may be collected since.
   */
  #endsAsleep(): boolean {
    if (!this.#sleepWatch.hasSlept()) return false
    this.startOver(null)
    return true
  }

  #pullNow(): void {
    const { state } = this.#following
    if (state.name !== 'live') return
    if (state.pull !== 'none') {
      state.pull = 'again'
      return
    }
    state.pull = 'underWay'
    void this.#underWay.add(this.options.catchUp.pull(this.#abort.signal)
      .catch(error => this.startOver(error))
      .finally(() => {
        const asksAgain = state.pull === 'again'
        state.pull = 'none'
        if (asksAgain) this.#pullNow()
      }))
  }

  async #lookNow(records?: readonly RecordName[]): Promise<void> {
    if (!records) this.#looksAgain = false
    if (await this.options.catchUp.lookAgain(records)) this.startOver(null)
  }

  #setStatus(status: SubscriptionStatus, error: SyncError | null = null): void {
    const previousStatus = this.#status
    this.#status = status
    this.options.onStatus(status, error)
    if (status !== previousStatus) this.options.context.hooks.doAction('sync.subscription:action:statusChange', { scope: this.options.context.scope, previousStatus, status })
  }

  /** Null: until it is woken. What a store has ordered is not cut short by one that came before. */
  async #sleep(ms: number | null, isOrdered: boolean): Promise<void> {
    const { clock } = this.options.context.env
    if (this.#following.is('stopped')) return
    const waits = isOrdered || !this.#isWoken
    await new Promise<void>((resolve) => {
      const timer = ms === null || !waits ? undefined : clock.setTimeout(resolve, ms)
      this.#following.go('fail', {
        wakeUp: () => {
          if (timer !== undefined) clock.clearTimeout(timer)
          resolve()
        },
      })
      if (!waits) resolve()
    })
    this.#following.go('retry', { isWoken: false })
  }

  get #isWoken(): boolean {
    const { state } = this.#following
    return 'isWoken' in state && state.isWoken
  }

  #clearTimers({ pullTimer, touchTimer }: FollowingData['live']): void {
    const { clock } = this.options.context.env
    for (const timer of [pullTimer, touchTimer]) if (timer !== undefined) clock.clearTimeout(timer)
  }
}
