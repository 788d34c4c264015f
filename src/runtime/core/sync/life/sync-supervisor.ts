import { SyncError } from '../../../shared/sync/protocol/errors'
import type { CapturedOp } from '../records/captured-op'
import type { Breakers } from '../transport/circuit-breaker'
import type { EngineContext } from '../context/engine-context'
import { LeaderWork } from './leader-work'
import type { LocalStore } from './local-store'
import { SESSION, type SessionData } from '../machine/engine-states'
import { StateMachine } from '../machine/state-machine'
import { ASKED_FOR } from '../pull/rescan-reasons'
import { ServerClock } from '../environment/server-clock'
import { SyncQueue } from '../face/sync-queue'
import { collectDiagnostics, type SyncDiagnostics } from '../face/sync-diagnostics'
import { isRunning, StatusPublisher } from './status-publisher'
import { StoragePersistence } from '../environment/storage-persistence'
import type { StatusStore } from '../context/sync-status'
import { LeaderElection } from '../tabs/leader-election'
import { TabChannel, type TabMessage } from '../tabs/tab-channel'
import { UnderWay } from '../environment/under-way'
import { untilIdle } from '../face/until-idle'
import type { RecordName } from '../records/record-key'

/** Decides which tab does the work, and keeps all of them in step: with each other, with the network, with the user. */
export class SyncSupervisor {
  readonly status: StatusStore
  readonly queue: SyncQueue
  readonly #work: LeaderWork
  readonly #publisher: StatusPublisher
  readonly #election: LeaderElection
  readonly #tabs: TabChannel
  readonly #context: EngineContext
  readonly #session = new StateMachine<typeof SESSION, SessionData>(SESSION, { name: 'stopped' })
  #stopListening: (() => void)[] = []
  readonly #underWay = new UnderWay()
  #lifecycle: Promise<void> = Promise.resolve()
  readonly #clock: ServerClock
  #comebacks = 0
  readonly #persistence: StoragePersistence

  constructor(private readonly options: { store: LocalStore, context: EngineContext, breakers: Breakers }) {
    const { context } = options
    this.#context = context
    const { env, db } = context
    this.#persistence = new StoragePersistence(env)
    this.#clock = new ServerClock({ clock: env.clock, hlc: context.hlc, onCorrected: (offset, reset) => this.#tabs.send({ type: 'clock', offset, reset }) })
    this.#work = new LeaderWork({
      context, isAlone: () => this.#election.isAlone,
      onChanged: () => this.#publisher.changed(), onRest: () => this.#publisher.changed({ isUrgent: true }),
      onProgress: () => this.#progressed(), onConnected: () => void this.#askSchemaVersion(),
    })
    this.#publisher = new StatusPublisher({
      context, store: options.store, session: this.#session, tabs: () => this.#tabs, isLeader: () => this.#election.isLeader, work: () => this.#work.state,
    })
    this.status = this.#publisher.status
    this.queue = new SyncQueue({ context, attemptsOf: (key, opId) => this.#work.outbox.attemptsOf(key, opId), onChanged: () => this.#nudge(true), onLookAgain: () => this.lookAgain() })
    // By the database's own id: two databases of one name, in two profiles of one process, have nothing to do with each other.
    const tabsOf = () => `or3-sync:${db.name}:${context.deviceId()}`
    this.#election = new LeaderElection({
      name: tabsOf, env,
      onElected: () => this.#lead(), onDeposed: () => this.#follow(), onAlone: () => this.#work.outbox.wake(false), leaderAnswers: () => this.#tabs.leaderAnswers(),
      onLocksGivenUp: () => this.#tabs.send({ type: 'alone' }),
    })
    this.#tabs = new TabChannel({ name: tabsOf, schemaVersion: context.schema.version, env, onMessage: message => this.#received(message) })
  }

  get isRunning(): boolean {
    return isRunning(this.#session)
  }

  /** How often there was reason to think that this user is signed in again: the page woke up, or somebody asked to flush. */
  get comebacks(): number {
    return this.#comebacks
  }

  /** `prepare` runs once the database is open; what it throws keeps the engine from starting. */
  start(prepare: () => void): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#session.is('closed')) throw new SyncError('SYNC_DISABLED', 'this engine was closed: make another one with createSyncEngine')
      if (this.isRunning) return
      try { await this.options.store.open() }
      finally { this.#publisher.publish() }
      prepare()
      const block = this.options.store.writeBlock()
      if (block?.code === 'NEWER_DATABASE') throw block
      await this.#begin()
      void this.#persistence.ask()
    })
  }

  stop(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.isRunning) await this.#end()
    })
  }

  /** Stops and closes the database, in one turn: a start that was asked for meanwhile would open it again. */
  close(): Promise<void> {
    return this.#inTurn(async () => {
      try { if (this.isRunning) await this.#end() }
      finally {
        this.#session.go('close', {})
        this.#context.db.close()
      }
    })
  }

  async #begin(): Promise<void> {
    this.#session.go('begin', {})
    const { env } = this.#context
    this.options.store.renewNode()
    this.#stopListening = [env.onWake(() => this.wake()), env.onHide(() => this.#hide()), this.options.store.onClosed(() => void this.#publisher.counter.recount())]
    // Until this tab leads, or hears from the one that does, which may be at once.
    if (env.isOnline()) this.status.update({ state: 'connecting' })
    this.#tabs.open()
    if (this.#tabs.isBlocked) this.#election.giveUpLocks()
    this.#tabs.send({ type: 'hello' })
    // A tab that died, or could not speak, has told the leader nothing of what it wrote.
    this.#tabs.send({ type: 'outbox', now: false })
    this.#tabs.send({ type: 'look-again' })
    await this.#work.load()
    this.#election.start()
    void this.#publisher.counter.recount()
  }

  async #end(): Promise<void> {
    this.#session.go('end', {})
    for (const stop of this.#stopListening) stop()
    this.#stopListening = []
    await this.#election.stop()
    this.#tabs.close()
    await Promise.all([this.#publisher.counter.stop(), this.#underWay.settled()])
    this.#publisher.publish()
  }

  /** The database was deleted or replaced while it was in use: everything is fetched as by a new device. */
  beginAnew(): void {
    const { env, hooks } = this.#context
    const error = new SyncError('DATABASE_REPLACED', 'this page\'s database was deleted or replaced; everything is fetched again, and edits that had not reached the server are gone')
    env.log.warn(error.message)
    hooks.doAction('sync.error:action', { error, code: error.code, permanent: false })
    void this.#inTurn(async () => {
      if (!this.isRunning) return
      await this.#end()
      await this.#begin()
    }).catch(thrown => env.log.error('Sync could not begin anew on a new database', thrown))
  }

  /** A newer engine has changed the database: this one stops, and says so, until the page is reloaded. */
  abandon(error: SyncError): void {
    this.#context.hooks.doAction('sync.error:action', { error, code: error.code, permanent: true })
    this.#publisher.publish()
    void this.stop()
  }

  /** Edits of this tab have committed. */
  committed(ops: readonly CapturedOp[]): void {
    if (this.#election.isLeader) this.#work.outbox.committed(ops)
    else this.#tabs.send({ type: 'outbox', now: false })
    this.#publisher.counter.committed(ops)
    this.#publisher.changed()
  }

  /** What was set aside may count by now, of these records (they were only here, and are shared again, or gone) or of any; or a table is to be fetched again. */
  lookAgain(records?: RecordName[]): void {
    if (this.#election.isLeader) this.#work.subscription.lookAgain(records)
    else this.#tabs.send({ type: 'look-again', ...records && { records } })
  }

  /** Waiting is likely to be over: back online, visible, signed in again. */
  wake(): void {
    if (!this.isRunning) return
    this.#expectBetter()
    if (this.#election.isLeader) this.#work.outbox.wake(true)
    else void this.#election.check()
    this.#work.subscription.wake()
    this.#publisher.publish()
  }

  /** The page may not come back: what waits for its turn goes now, in a request that outlives the page if it is small. */
  #hide(): void {
    if (this.#election.isLeader) this.#work.outbox.leave()
    else this.#tabs.send({ type: 'outbox', now: false })
  }

  async flush(): Promise<void> {
    this.#expectBetter()
    this.#work.subscription.wake()
    if (this.#election.isLeader) await this.#work.outbox.flush()
    else this.#nudge(true)
  }

  async rescan(reason: string): Promise<void> {
    if (this.#election.isLeader) this.#work.subscription.rescan(reason)
    else this.#tabs.send({ type: 'rescan' })
  }

  /** Resolves when everything that may be sent is acknowledged and this device is level with the store. */
  async whenIdle(): Promise<void> {
    await untilIdle(this.status, this.#context.env.clock, async () => {
      if (!await this.#isIdle()) return false
      // Whoever waited finds the counts of now.
      await this.#publisher.counter.recount({ isUrgent: true })
      return true
    })
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
    return await collectDiagnostics(this.#context, {
      status: this.status.get(), subscription: this.#work.state.subscription, serverTimeOffsetMs: this.#clock.offsetMs, persisted: this.#persistence.answer,
    })
  }

  /** Whatever stood in the way may be over, and what was answered before says nothing of now. */
  #expectBetter(): void {
    this.#comebacks++
    this.#comeBack()
    this.#allowProbes()
  }

  #allowProbes(): void {
    const { push, pull } = this.options.breakers
    push.allowProbe()
    pull.allowProbe()
  }

  async #askSchemaVersion(): Promise<void> {
    const { provider, env } = this.#context
    try {
      const version = await provider.schemaVersion?.()
      if (version !== undefined && this.isRunning) await this.#underWay.add(this.queue.serverSchemaIs(version))
    }
    catch (error) { env.log.debug('The store did not tell its schema version', error) }
  }

  #progressed(): void {
    const { error } = this.#work.state
    if (error?.code === 'USER_CHANGED') this.#stepAside(error)
    this.#publisher.publish()
  }

  /** This tab gives up the lead, and goes on capturing, until there is reason to think that its user is back. */
  #stepAside(error: SyncError): void {
    if (!this.#session.go('otherUser', { error })) return
    this.#context.env.log.info('Somebody else is signed in: nothing is sent until this user is back')
    void this.#inTurn(() => this.#election.stop())
  }

  #comeBack(): void {
    if (!this.#session.go('comeBack', {})) return
    void this.#inTurn(async () => {
      if (this.#session.go('stand', {})) this.#election.start()
    })
  }

  /** Start and stop in any order, each complete before the next. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#lifecycle.then(work)
    this.#lifecycle = turn.catch(() => {})
    return turn
  }

  #lead(): void {
    this.#work.start()
    this.#publisher.publish()
  }

  async #follow(): Promise<void> {
    // Said first: with a database that stalls, stopping takes a while.
    this.status.update({ isLeader: false })
    await this.#work.stop()
    this.#publisher.publish()
  }

  #received(message: TabMessage): void {
    const leads = this.#election.isLeader
    switch (message.type) {
      case 'outbox':
        if (message.now) this.#allowProbes()
        if (leads) this.#work.outbox.wake(message.now)
        this.#publisher.counter.recount()
        break
      case 'changed':
        this.#publisher.counter.recount({ isRewritten: message.rewritten === true })
        break
      case 'look-again':
        if (leads) this.#work.subscription.lookAgain(message.records)
        break
      case 'hello':
        if (leads) this.#publisher.publish()
        if (!this.#context.env.locks) this.#tabs.send({ type: 'alone' })
        break
      case 'alone':
        this.#election.giveUpLocks()
        break
      case 'status':
        if (leads) break
        // The store takes this user's edits from another tab.
        if (message.status.state === 'idle' || message.status.state === 'syncing') this.#comeBack()
        this.status.update(message.status)
        break
      case 'ping':
        // A tab with a newer schema gets no answer, and takes the lead: this one would not sync the tables it does not know.
        if (leads && !(message.schemaVersion > this.#context.schema.version)) this.#tabs.send({ type: 'pong' })
        break
      case 'clock':
        this.#clock.correct(message.offset, message.reset)
        break
      case 'rescan':
        if (leads) this.#work.subscription.rescan(ASKED_FOR)
    }
  }

  #nudge(now: boolean): void {
    if (this.#election.isLeader) this.#work.outbox.wake(now)
    else this.#tabs.send({ type: 'outbox', now })
    this.#publisher.changed({ isUrgent: true })
  }

  async #isIdle(): Promise<boolean> {
    if (!this.isRunning) return true
    const { db, schema } = this.#context
    // What waits aside may wait for an hour, and a table that this version of the app lacks for ever: that nobody waits for.
    const sendable = await db.pending_ops.where('status').equals('pending').filter(({ tableName, ops }) => Object.hasOwn(schema.tables, tableName) && ops.some(({ aside }) => !aside)).first()
    if (sendable) return false
    if (!this.#election.isLeader) return this.status.get().state === 'idle'
    return await this.#work.isLevel() && this.status.get().state === 'idle'
  }
}
