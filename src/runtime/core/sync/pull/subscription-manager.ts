import { SyncError, toSyncError } from '../../../shared/sync/protocol/errors'
import type { SubscriptionStatus } from '../../../shared/sync/protocol/types'
import type { EngineContext } from '../context/engine-context'
import { isBarred, retryDelay } from '../../../shared/sync/protocol/retry-policy'
import type { CatchUp } from './catch-up'
import type { ChangeApplier } from './change-applier'
import type { CursorManager } from '../progress/cursor-manager'
import { FOLLOWING, type FollowingData } from '../states/engine-states'
import { StateMachine } from '../states/state-machine'
import { CursorReporter } from './cursor-reporter'
import { DeposedError } from '../progress/lead-fence'
import { LiveSubscription } from './live-subscription'
import { OvertakenError } from '../progress/overtaken-error'
import type { RecordName } from '../records/record-name'

/** After this many failures in a row the app is told; trying goes on. */
const MANY_ATTEMPTS = 20

export interface SubscriptionManagerOptions {
  context: EngineContext
  applier: ChangeApplier
  cursors: CursorManager
  catchUp: CatchUp
  /** Whether no other tab can be sending meanwhile. */
  isAlone: () => boolean
  onStatus: (status: SubscriptionStatus, error: SyncError | null) => void
}

/** Keeps this device up to date with the store: catches up, then follows live changes, and starts over when either fails. */
export class SubscriptionManager {
  readonly #following = new StateMachine<typeof FOLLOWING, FollowingData<LiveSubscription>>(FOLLOWING, { name: 'stopped' })
  #status: SubscriptionStatus = 'disconnected'
  #abort = new AbortController()
  #done: Promise<void> = Promise.resolve()
  /** The reason of a rescan that was asked for and has not begun. */
  #rescanReason: string | null = null
  /** `lookAgain` was called while catching up, perhaps too late for this round. */
  #looksAgain = false
  readonly #reporter: CursorReporter

  constructor(private readonly options: SubscriptionManagerOptions) {
    this.#reporter = new CursorReporter(options)
  }

  get status(): SubscriptionStatus {
    return this.#status
  }

  get isLive(): boolean {
    return this.#live?.isBehind === false
  }

  start(): void {
    if (!this.#following.go('start', { isWoken: false })) return
    this.#abort = new AbortController()
    this.#done = this.#run(this.#abort.signal)
  }

  async stop(): Promise<void> {
    const { state } = this.#following
    this.#following.go('stop', {})
    this.#abort.abort(new SyncError('STOPPED', 'sync was stopped'))
    if (state.name === 'waiting') state.wakeUp()
    await this.#done
    this.#setStatus('disconnected')
  }

  /** There is reason to try again now, for example because the network is back. */
  wake(): void {
    const { state } = this.#following
    if (state.name === 'waiting') state.wakeUp()
    else if ('isWoken' in state) state.isWoken = true
  }

  /**
   * Ends a live subscription with an error, and starts over: a push was told that this user may not be here, or the local database failed. The
   * status shows the error.
   */
  startOver(error: unknown): void {
    this.#live?.end(error)
  }

  /** Applies live pages at once that wait for what follows. Resolves when they are applied, or have failed. */
  async applyNow(): Promise<void> {
    await this.#live?.applyNow()
  }

  /** The store has something that this device should see now. */
  pullSoon(): void {
    this.#live?.pullSoon()
  }

  /**
   * Resolves when a pull that begins from now on is level with the store, and applied. `isUrgent`: does not wait for the end of a back-off.
   * Rejects with `STOPPED` when this tab stops following.
   */
  async whenLevel({ isUrgent = true } = {}): Promise<void> {
    const level = this.options.catchUp.whenLevel(this.#abort.signal)
    this.pullSoon()
    if (isUrgent) this.wake()
    await level
  }

  /** Tries quarantined changes again, those of these records or all, and fetches tables that somebody wants again. */
  lookAgain(records?: readonly RecordName[]): void {
    if (this.#live) this.#live.lookAgainBeside(records)
    else this.#looksAgain = true
  }

  /** Fetches everything again. */
  rescan(reason: string): void {
    this.#rescanReason = reason
    const { state } = this.#following
    if (state.name === 'live') state.subscription.end(null)
    else if (state.name === 'waiting') state.wakeUp()
  }

  get #live(): LiveSubscription | null {
    const { state } = this.#following
    return state.name === 'live' ? state.subscription : null
  }

  get #isWoken(): boolean {
    const { state } = this.#following
    return 'isWoken' in state && state.isWoken
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
        if (this.#rescanReason) this.#following.go('again', { isWoken: false })
        else await this.#follow(signal, () => { attempts = 0 })
      }
      catch (thrown) {
        if (signal.aborted) break
        attempts++
        const error = toSyncError(thrown)
        if (!(error instanceof DeposedError)) {
          context.hooks.doAction('sync.pull:action:error', { scope: context.scope, error })
          this.#setStatus('error', error)
        }
        if (attempts === MANY_ATTEMPTS) context.hooks.doAction('sync.subscription:action:maxRetriesExceeded', { scope: context.scope, attempts })
        // A user who is no member is only refused again: there is no next try before `wake`.
        await this.#sleep(isBarred(error) ? null : Math.max(retryDelay(attempts, context.env.random, error.retryAfter), context.breakers.pull.waitMs), error.retryAfter !== undefined)
      }
    }
  }

  /**
   * Begins a rescan. If that fails, the rescan stays asked for, unless another tab has fetched everything. A rescan that has begun is stored,
   * and the next run goes on with it.
   */
  async #askRescan(reason: string): Promise<void> {
    try {
      // Another tab may have led since this one last looked, and moved the cursor.
      await this.options.cursors.load()
      await this.options.catchUp.askRescan(reason)
    }
    catch (error) {
      if (!(error instanceof OvertakenError)) this.#rescanReason ??= reason
      throw error
    }
  }

  /** Follows live changes until the subscription ends or somebody ends it. */
  async #follow(signal: AbortSignal, onConnected: () => void): Promise<void> {
    const subscription = new LiveSubscription({
      ...this.options,
      reporter: this.#reporter,
      onApplied: () => { if (this.#status === 'syncing') this.#setStatus('connected') },
      onStatus: status => this.#setStatus(status),
      onRescan: reason => this.rescan(reason),
      onConnected: async () => {
        if (this.#looksAgain) {
          this.#looksAgain = false
          await subscription.lookAgain()
        }
        onConnected()
        this.#setStatus('connected')
      },
      onOver: () => this.#following.go('end', { isWoken: this.#isWoken }),
    }, signal)
    this.#following.go('caughtUp', { isWoken: this.#isWoken, subscription })
    await subscription.run()
    this.#following.go('ended', { isWoken: false })
  }

  #setStatus(status: SubscriptionStatus, error: SyncError | null = null): void {
    const previousStatus = this.#status
    this.#status = status
    this.options.onStatus(status, error)
    if (status !== previousStatus) this.options.context.hooks.doAction('sync.subscription:action:statusChange', { scope: this.options.context.scope, previousStatus, status })
  }

  /**
   * Waits for `ms` milliseconds (null: without end), or until it is woken. If it was woken during the failed try, it does not wait at all,
   * unless the store has named the time.
   */
  async #sleep(ms: number | null, isOrdered: boolean): Promise<void> {
    const { clock } = this.options.context.env
    // A listener to the error above may have called `stop`.
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
}
