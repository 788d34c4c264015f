import type { SyncError } from '../../../shared/sync/protocol/errors'
import type { SubscriptionStatus } from '../../../shared/sync/protocol/types'
import { ConnectionHealth } from '../transport/connection-health'
import type { EngineContext } from '../context/engine-context'
import { GcManager } from './gc-manager'
import { OutboxManager } from '../push/outbox-manager'
import type { SettleOutcome } from '../push/settle-push'
import { CatchUp } from '../pull/catch-up'
import { ChangeApplier } from '../pull/change-applier'
import { ConflictResolver } from '../merge/conflict-resolver'
import { CursorManager } from '../progress/cursor-manager'
import { LeadFence } from '../progress/lead-fence'
import { RecentOpCache } from '../progress/recent-op-cache'
import { SubscriptionManager } from '../pull/subscription-manager'

export interface LeaderWorkOptions {
  context: EngineContext
  /** Whether no other tab can be sending meanwhile. Asked each time, because Web Locks may turn out later not to work. */
  isAlone: () => boolean
  /** The outbox, the conflicts or the quarantine changed: counts may be stale. */
  onChanged: () => void
  /** Everything that could be sent was sent: counts are wanted at once. */
  onRest: () => void
  /** `state` has changed. */
  onProgress: () => void
  /** The store can be reached, for the first time or again. */
  onConnected: () => void
  /** See `PushFateOptions.onInFlight`. */
  onInFlight: (keys: readonly string[]) => void
}

/** The part of the sync state that only the leading tab knows. */
export interface LeaderState {
  subscription: SubscriptionStatus
  isPushing: boolean
  error: SyncError | null
  cursor: number
  lastSyncAt: number
  firstSyncDone: boolean
  consistent: boolean
  /** Null: no bootstrap or rescan is under way. */
  walk: { value: number, pulled: number } | null
}

/** The work that the leading tab does for all: it sends the outbox, keeps the database up to date with the store, and clears old records. */
export class LeaderWork {
  readonly outbox: OutboxManager
  readonly subscription: SubscriptionManager
  readonly #applier: ChangeApplier
  readonly #cursors: CursorManager
  readonly #fence: LeadFence
  readonly #gc: GcManager
  readonly #health: ConnectionHealth
  readonly #echoes: RecentOpCache
  #walk: LeaderState['walk'] = null

  constructor(private readonly options: LeaderWorkOptions) {
    const { context, isAlone, onChanged, onRest, onProgress, onConnected, onInFlight } = options
    const { env, db, schema, heard, incarnation } = context
    const echoes = this.#echoes = new RecentOpCache(env.clock.now)
    const resolver = new ConflictResolver(context)
    const fence = this.#fence = new LeadFence({ db, env })
    this.#cursors = new CursorManager({ db, heard, fence, incarnation, knows: name => Object.hasOwn(schema.tables, name) })
    this.#gc = new GcManager(context)
    this.#health = new ConnectionHealth({
      wakePull: () => this.subscription.wake(), wakePush: () => this.outbox.wake(true), onConnected, onChanged: onProgress,
    })
    this.outbox = new OutboxManager({
      context, resolver, echoes, isAlone, onChanged, onRest, onInFlight,
      onHealth: error => this.#health.pushed(error),
      onBarred: error => this.subscription.startOver(error),
      onPullNeeded: () => void this.#bringWinners(),
      onRestored: () => this.subscription.rescan('epoch'),
      onSettled: outcome => this.#settled(outcome),
      cursor: () => this.#cursors.state.cursor,
      endedElsewhere: walks => this.#cursors.endedElsewhere(walks),
      checkLead: () => fence.checkStored(),
      onTold: () => void this.#applier.retryDoubtful().catch(error => this.subscription.startOver(error)),
    })
    this.#applier = new ChangeApplier({
      context, resolver, echoes, cursors: this.#cursors,
      isUnanswered: key => this.outbox.isUnanswered(key),
      onQueued: () => this.outbox.wake(),
      onReached: version => this.outbox.reached(version),
      onApplied: (countsChanged) => { if (countsChanged) onChanged(); onProgress() },
    })
    const catchUp = new CatchUp({
      context, applier: this.#applier, cursors: this.#cursors,
      onProgress: (walk) => { this.#walk = walk; onProgress() },
      onQueued: () => this.outbox.wake(),
      whenPushAnswered: () => this.outbox.whenAnswered(),
    })
    this.subscription = new SubscriptionManager({
      context, applier: this.#applier, cursors: this.#cursors, catchUp, isAlone,
      onStatus: (status, error) => this.#health.subscribed(status, error),
    })
  }

  get state(): LeaderState {
    const { cursor, lastSyncAt, firstSyncDone, consistent = false } = this.#cursors.state
    return { subscription: this.subscription.status, isPushing: this.outbox.isBusy, error: this.#health.error, cursor, lastSyncAt, firstSyncDone, consistent, walk: this.#walk }
  }

  /** Reads the cursor from the database, and forgets what belonged to another database. */
  async load(): Promise<void> {
    this.#echoes.clear()
    await this.#cursors.load()
  }

  /**
   * Must be called before `start` when the lead is taken from a frozen tab. Resolves to what `start` has to be told; undefined if the database could
   * not be written, or was replaced. `isOurs`: see `LeadFence.raise`.
   */
  async takeLead(isOurs: () => boolean): Promise<number | undefined> {
    try { return await this.#fence.raise(isOurs) }
    catch (error) {
      this.options.context.env.log.warn('The tab that led before may go on for a moment when it wakes up: its database could not be told', error)
      return undefined
    }
  }

  /** `takeovers`: what `takeLead` has resolved to. Undefined: the lead was free. */
  start(takeovers?: number): void {
    this.#fence.begin(takeovers)
    this.outbox.start()
    this.subscription.start()
    this.#gc.start()
  }

  async stop(): Promise<void> {
    await Promise.all([this.outbox.stop(), this.subscription.stop(), this.#gc.stop()])
    await this.#applier.idle()
    this.#health.forget()
    this.#walk = null
  }

  /** Resolves to whether nothing is under way and the database is up to date with the store. Live pages do not wait for what follows. */
  async isLevel(): Promise<boolean> {
    await this.subscription.applyNow()
    await this.#applier.idle()
    return !this.outbox.isBusy && this.subscription.isLive
  }

  /** Edits have lost to revisions that the feed has not reached here: a pull brings them. */
  async #bringWinners(): Promise<void> {
    const { unreached } = this.outbox
    try { await this.subscription.whenLevel({ isUrgent: false }) }
    catch { return }
    this.outbox.missed(unreached)
  }

  #settled({ acknowledged, conflicts }: SettleOutcome): void {
    if (acknowledged.length) this.#health.acknowledged()
    // Perhaps these were the last answers that had to come before the database is level.
    if (this.#cursors.state.answersUntil) this.subscription.pullSoon()
    for (const { tableName, pk, local, remote, winner } of conflicts) {
      this.options.context.hooks.doAction('sync.conflict:action:detected', { tableName, pk, local, remote, winner })
    }
  }
}
