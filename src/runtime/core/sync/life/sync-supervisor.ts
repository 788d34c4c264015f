import { SyncError } from '../../../shared/sync/protocol/errors'
import type { PageContext } from '../context/engine-context'
import { Leader } from './leader'
import type { LocalStore } from './local-store'
import { SESSION, type SessionData } from '../states/engine-states'
import { StateMachine } from '../states/state-machine'
import { ServerClock } from '../environment/server-clock'
import { refuseInTransaction } from '../face/outside-transaction'
import { lateRowState } from '../face/late-row-state'
import { LOCAL, type RowState } from '../face/row-state'
import { SyncConflicts } from '../face/sync-conflicts'
import { SyncQueue } from '../face/sync-queue'
import type { SyncDiagnostics } from '../face/sync-diagnostics'
import { untilAborted } from '../../../shared/sync/waiting/until-aborted'
import { LateParts } from './late-parts'
import { isRunning, StatusPublisher } from './status-publisher'
import { StoragePersistence } from '../environment/storage-persistence'
import type { Observable, StatusStore } from '../context/sync-status'
import { UnderWay } from '../environment/under-way'
import { untilIdle } from '../face/until-idle'

/** Starts and stops sync, and reacts to the user, the page and the network. The {@link Leader} decides what is synced, and in which tab. */
export class SyncSupervisor {
  readonly status: StatusStore
  readonly queue: SyncQueue
  readonly conflicts: SyncConflicts
  readonly leader: Leader
  readonly #parts: LateParts
  /** Aborts when sync ends, with the reason. */
  #run = new AbortController()
  #startError: unknown = null
  readonly #publisher: StatusPublisher
  readonly #context: PageContext
  readonly #session = new StateMachine<typeof SESSION, SessionData>(SESSION, { name: 'stopped' })
  #stopListening: (() => void)[] = []
  readonly #underWay = new UnderWay()
  #lifecycle: Promise<void> = Promise.resolve()
  readonly #clock: ServerClock
  #comebacks = 0
  readonly #persistence: StoragePersistence

  constructor(private readonly options: { store: LocalStore, context: PageContext }) {
    const { context, store } = options
    this.#context = context
    const { env, hlc } = context
    this.#persistence = new StoragePersistence(env)
    this.#clock = new ServerClock({ clock: env.clock, hlc, onCorrected: (offset, reset) => this.leader.tell({ type: 'clock', offset, reset }) })
    const publisher = this.#publisher = new StatusPublisher({ context, store, session: this.#session, leader: () => this.leader, parts: () => this.#parts.here })
    this.leader = new Leader({
      context, parts: () => this.#parts.here, publisher, clock: this.#clock, allowProbes: () => this.#allowProbes(),
      onOtherUser: error => this.#stepAside(error), onUserIsBack: () => this.#comeBack(), onConnected: () => void this.#askStore(),
      onSending: () => this.#parts.here?.watch.look(), onCodeLoaded: () => void this.#inTurn(() => this.#equipLeader()).catch(error => env.log.error('This tab cannot lead', error)),
    })
    const parts = this.#parts = new LateParts({ page: context, leader: this.leader, isRunning: () => this.isRunning })
    this.status = publisher.status
    this.queue = new SyncQueue({ context, attemptsOf: (key, opId) => this.leader.attemptsOf(key, opId), refused: async () => (await parts.load()).refused })
    this.conflicts = new SyncConflicts(context.db, async () => (await parts.load()).conflicts)
  }

  get isRunning(): boolean {
    return isRunning(this.#session)
  }

  /** Rises each time there is reason to think that this user is signed in again: the page woke up, or somebody asked to flush. */
  get comebacks(): number {
    return this.#comebacks
  }

  /** `prepare` runs once the database is open; what it throws keeps the engine from starting. */
  start(prepare: () => void): Promise<void> {
    return this.#inTurn(async () => {
      if (this.isRunning) return
      this.#startError = null
      try { await this.#tryStart(prepare) }
      catch (error) {
        this.#startError = error
        throw error
      }
    })
  }

  async #tryStart(prepare: () => void): Promise<void> {
    if (this.#session.is('closed')) throw closedError()
    try { await this.options.store.open() }
    finally { this.#publisher.publish() }
    prepare()
    const block = this.options.store.writeBlock()
    if (block?.code === 'NEWER_DATABASE') throw block
    await this.#begin()
    void this.#persistence.ask()
  }

  stop(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.isRunning) await this.#end()
    })
  }

  /** Stops, and closes the database, in one turn: a `start` in between would open it again. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      try { if (this.isRunning) await this.#end() }
      finally {
        this.#session.go('close', {})
        this.#endWaits(closedError())
        this.#parts.close()
        this.#context.db.close()
      }
    })
  }

  async #begin(): Promise<void> {
    this.#session.go('begin', {})
    this.#run = new AbortController()
    const { env } = this.#context
    this.options.store.renewNode()
    this.#stopListening = [env.onWake(() => this.wake()), env.onHide(() => this.leader.hide()), this.options.store.onClosed(() => void this.#publisher.counter.recount())]
    // Shown until this tab leads, or hears from the leading tab, which may be at once.
    if (env.isOnline()) this.status.update({ state: 'connecting' })
    await this.leader.join()
    void this.#publisher.counter.recount()
  }

  async #end(): Promise<void> {
    this.#session.go('end', {})
    this.#endWaits(new SyncError('STOPPED', 'sync was stopped'))
    for (const stop of this.#stopListening) stop()
    this.#stopListening = []
    await this.leader.leave()
    await Promise.all([this.#publisher.counter.stop(), this.#underWay.settled()])
    this.#publisher.publish()
  }

  /** Starts again as a new device, because the database was deleted or replaced while it was in use. */
  beginAnew(): void {
    const { env, hooks } = this.#context
    const error = new SyncError('DATABASE_REPLACED', 'this page\'s database was deleted or replaced; everything is fetched again, and edits that had not reached the server are gone')
    env.log.warn(error.message)
    hooks.doAction('sync.error:action', { error, code: error.code, permanent: false })
    this.#endWaits(error)
    void this.#inTurn(async () => {
      if (!this.isRunning) return
      await this.#end()
      await this.#begin()
    }).catch(thrown => env.log.error('Sync could not begin anew on a new database', thrown))
  }

  /** Stops until the page is reloaded, and says so, because a newer engine has changed the database. */
  abandon(error: SyncError): void {
    this.#context.hooks.doAction('sync.error:action', { error, code: error.code, permanent: true })
    this.#publisher.publish()
    this.#endWaits(error)
    void this.stop()
  }

  /** There is reason to try again now: the network is back, the page is visible, or the user is signed in again. */
  wake(): void {
    if (!this.isRunning) return
    this.#expectBetter()
    this.leader.wake()
    this.#publisher.publish()
  }

  async flush(): Promise<void> {
    this.#expectBetter()
    await this.leader.flush()
  }

  /** Resolves when everything that may be sent is acknowledged, and this device is up to date with the store. */
  async whenIdle(): Promise<void> {
    await untilIdle(this.status, this.#context.env.clock, async () => {
      if (!await this.#isIdle()) return false
      // Callers that waited have to find current counts.
      await this.#publisher.counter.recount({ isUrgent: true })
      return true
    })
  }

  /** See {@link SyncedWaits.whenSynced}. A start or stop that is under way comes first. */
  async whenSynced(tableName: string, pk: string): Promise<void> {
    refuseInTransaction('whenSynced')
    await this.#lifecycle
    if (this.#session.is('closed')) throw closedError()
    // A database that cannot be opened is not waited for.
    if (!this.isRunning) await this.options.store.open()
    const { synced } = this.isRunning ? await untilAborted(this.#parts.whenHere(), this.#run.signal) : await this.#parts.load()
    await synced.whenSynced(tableName, pk)
  }

  /**
   * Resolves when a pull that began after this call is applied, and the store had no more. `check`: throws when nobody is signed in.
   *
   * @throws SyncError when sync is not running (with the reason why it could not start, else `STOPPED`), stops, or loses its database.
   */
  async whenCaughtUp(check: () => void): Promise<void> {
    refuseInTransaction('whenCaughtUp')
    await this.#lifecycle
    if (!this.isRunning) {
      check()
      if (this.#session.is('closed')) throw closedError()
      throw this.#startError ?? new SyncError('STOPPED', 'sync is not running')
    }
    const { signal } = this.#run
    const { caughtUp } = await untilAborted(this.#parts.whenHere(), signal)
    await caughtUp.wait(signal)
  }

  /** Rejects all calls that wait for the store. */
  #endWaits(error: SyncError): void {
    this.#run.abort(error)
    this.#parts.here?.synced.end(error)
  }

  heardFrom(reply: { serverTime?: number }): void {
    this.#clock.heardFrom(reply)
    this.#publisher.reached()
  }

  get storeTime(): number {
    return this.#clock.now()
  }

  get isTimeSure(): boolean {
    return this.#clock.isSure
  }

  resetClock(): void {
    this.#clock.reset()
  }

  async diagnostics(): Promise<SyncDiagnostics> {
    const parts = await this.#parts.load()
    const { subscription, isPushing } = this.leader.state
    return await parts.diagnostics({ status: this.status.get(), subscription, isPushing, serverTimeOffsetMs: this.#clock.offsetMs, persisted: this.#persistence.answer })
  }

  /** See {@link SyncEngine.rowState}. */
  rowState(tableName: string, pk: string): Observable<RowState> {
    if (!Object.hasOwn(this.#context.schema.tables, tableName)) return { get: () => LOCAL, subscribe: () => () => {} }
    return this.#parts.here?.rows.of(tableName, pk) ?? lateRowState(async () => (await this.#parts.whenHere()).rows.of(tableName, pk))
  }

  /** Earlier failures may be out of date: the user may be signed in again, and the store may be back. */
  #expectBetter(): void {
    this.#comebacks++
    this.#comeBack()
    this.#allowProbes()
  }

  #allowProbes(): void {
    this.#parts.here?.allowProbes()
  }

  /** Asks the store for its limits and its schema version. */
  async #askStore(): Promise<void> {
    const version = await this.#parts.here?.askStore()
    if (version === undefined || !this.isRunning) return
    await this.#underWay.add(this.queue.serverSchemaIs(version)).catch(error => this.#context.env.log.debug('The edits that were refused as invalid could not be tried again', error))
  }

  /** The code of the leading tab's work has come later than this tab's start. */
  async #equipLeader(): Promise<void> {
    if (!this.isRunning) return
    await this.leader.equip()
    if (this.#session.is('running')) this.leader.stand()
  }

  /** This tab gives up the lead until there is reason to think that its user is back. It still captures edits. */
  #stepAside(error: SyncError): void {
    if (!this.#session.go('otherUser', { error })) return
    this.#context.env.log.info('Somebody else is signed in: nothing is sent until this user is back')
    void this.#inTurn(() => this.leader.withdraw())
  }

  #comeBack(): void {
    if (!this.#session.go('comeBack', {})) return
    void this.#inTurn(async () => {
      if (this.#session.go('stand', {})) this.leader.stand()
    })
  }

  /** Runs starts and stops one after the other, each complete before the next. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#lifecycle.then(work)
    this.#lifecycle = turn.catch(() => {})
    return turn
  }

  async #isIdle(): Promise<boolean> {
    if (!this.isRunning) return true
    const { db, schema } = this.#context
    // Two kinds of edits are not waited for: those that wait aside (for up to an hour), and those of tables that this app lacks (perhaps for ever).
    const sendable = await db.pending_ops.where('status').equals('pending').filter(({ tableName, ops }) => Object.hasOwn(schema.tables, tableName) && ops.some(({ aside }) => !aside)).first()
    if (sendable) return false
    return await this.leader.isLevel() && this.status.get().state === 'idle'
  }
}

function closedError(): SyncError {
  return new SyncError('SYNC_DISABLED', 'this engine was closed: make another one with createSyncEngine')
}
