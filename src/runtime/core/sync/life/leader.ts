import type { SyncError } from '../../../shared/sync/protocol/errors'
import type { EngineContext } from '../context/engine-context'
import type { ServerClock } from '../environment/server-clock'
import { ASKED_FOR } from '../pull/rescan-reasons'
import type { CapturedOp } from '../records/captured-op'
import type { RecordName } from '../records/record-key'
import { LeaderElection } from '../tabs/leader-election'
import { TabChannel, type TabMessage } from '../tabs/tab-channel'
import { LeaderWork, type LeaderState } from './leader-work'
import type { StatusPublisher } from './status-publisher'

export interface LeaderOptions {
  context: EngineContext
  publisher: StatusPublisher
  clock: Pick<ServerClock, 'correct'>
  /** What was answered before says nothing of now: the circuit breakers let a probe through. */
  allowProbes: () => void
  /** The store says that somebody else is signed in. */
  onOtherUser: (error: SyncError) => void
  /** The store takes this user's edits from another tab. */
  onUserIsBack: () => void
  /** The store is there, for the first time or again. */
  onConnected: () => void
}

/**
 * The tab that works for all tabs of a database. Each tab has this object. In the leading tab it does what is asked for; in the others it
 * asks the leading tab over the channel.
 */
export class Leader {
  readonly #work: LeaderWork
  readonly #election: LeaderElection
  readonly #tabs: TabChannel

  constructor(private readonly options: LeaderOptions) {
    const { context, publisher, onConnected } = options
    const { env, db, schema } = context
    this.#work = new LeaderWork({
      context, isAlone: () => this.#election.isAlone,
      onChanged: () => publisher.changed(), onRest: () => publisher.changed({ isUrgent: true }),
      onProgress: () => this.#progressed(), onConnected,
    })
    // By the database's own id: two databases of one name, in two profiles of one process, have nothing to do with each other.
    const name = () => `or3-sync:${db.name}:${context.deviceId()}`
    this.#election = new LeaderElection({
      name, env,
      onElected: () => this.#lead(), onDeposed: () => this.#follow(), onAlone: () => this.#work.outbox.wake(false),
      leaderAnswers: () => this.#tabs.leaderAnswers(), onLocksGivenUp: () => this.tell({ type: 'alone' }),
    })
    this.#tabs = new TabChannel({ name, schemaVersion: schema.version, env, onMessage: message => this.#received(message) })
  }

  /** Whether this tab leads. */
  get isHere(): boolean {
    return this.#election.isLeader
  }

  /** How the work is doing, as far as this tab knows. */
  get state(): LeaderState {
    return this.#work.state
  }

  /** Meets the other tabs, and stands for election. Resolves when this tab knows where its database stands. */
  async join(): Promise<void> {
    this.#tabs.open()
    if (this.#tabs.isBlocked) this.#election.giveUpLocks()
    this.tell({ type: 'hello' })
    // A tab that died, or could not speak, has told the leader nothing of what it wrote.
    this.tell({ type: 'outbox', now: false })
    this.tell({ type: 'look-again' })
    await this.#work.load()
    this.stand()
  }

  /** Resolves when this tab does nothing for the others any more. */
  async leave(): Promise<void> {
    await this.withdraw()
    this.#tabs.close()
  }

  /** This tab may lead. */
  stand(): void {
    this.#election.start()
  }

  /** This tab leads no more, and hears what the others say. Resolves when its work has stopped. */
  async withdraw(): Promise<void> {
    await this.#election.stop()
  }

  /** Says something to the other tabs. */
  tell(message: TabMessage): void {
    this.#tabs.send(message)
  }

  /** Edits of this tab have committed. */
  committed(ops: readonly CapturedOp[]): void {
    if (this.isHere) this.#work.outbox.committed(ops)
    else this.tell({ type: 'outbox', now: false })
    this.options.publisher.committed(ops)
  }

  /** Something in the outbox may be due. `now`: waiting times no longer count. */
  push(now: boolean): void {
    if (this.isHere) this.#work.outbox.wake(now)
    else this.tell({ type: 'outbox', now })
    this.options.publisher.changed({ isUrgent: true })
  }

  /** Sends what is due. Resolves in the leading tab when it was sent or has to wait; elsewhere when the leading tab was asked. */
  async flush(): Promise<void> {
    this.#work.subscription.wake()
    if (this.isHere) await this.#work.outbox.flush()
    else this.push(true)
  }

  /** What was set aside may count by now, of these records (they were only here, and are shared again, or gone) or of any; or a table is to be fetched again. */
  lookAgain(records?: RecordName[]): void {
    if (this.isHere) this.#work.subscription.lookAgain(records)
    else this.tell({ type: 'look-again', ...records && { records } })
  }

  /** Fetches everything again. `reason`: what `sync.rescan` hooks are told, where this tab leads. */
  rescan(reason: string): void {
    if (this.isHere) this.#work.subscription.rescan(reason)
    else this.tell({ type: 'rescan' })
  }

  /** Waiting is likely to be over. */
  wake(): void {
    if (this.isHere) this.#work.outbox.wake(true)
    else void this.#election.check()
    this.#work.subscription.wake()
  }

  /** The page may not come back: what waits for its turn goes now, in a request that outlives the page if it is small. */
  hide(): void {
    if (this.isHere) this.#work.outbox.leave()
    else this.tell({ type: 'outbox', now: false })
  }

  /** Resolves to whether this tab's work, where it leads, has nothing under way and its database is level with the store. */
  async isLevel(): Promise<boolean> {
    return !this.isHere || await this.#work.isLevel()
  }

  /** How often this tab has sent the edit. */
  attemptsOf(key: string, opId: string): number {
    return this.#work.outbox.attemptsOf(key, opId)
  }

  #lead(): void {
    this.#work.start()
    this.options.publisher.publish()
  }

  async #follow(): Promise<void> {
    const { publisher } = this.options
    // Said first: with a database that stalls, stopping takes a while.
    publisher.status.update({ isLeader: false })
    await this.#work.stop()
    publisher.publish()
  }

  #progressed(): void {
    const { error } = this.state
    if (error?.code === 'USER_CHANGED') this.options.onOtherUser(error)
    this.options.publisher.publish()
  }

  #received(message: TabMessage): void {
    const { context: { env, schema }, publisher, clock, allowProbes, onUserIsBack } = this.options
    switch (message.type) {
      case 'outbox':
        if (message.now) allowProbes()
        if (this.isHere) this.#work.outbox.wake(message.now)
        void publisher.counter.recount()
        break
      case 'changed':
        void publisher.counter.recount({ isRewritten: message.rewritten === true })
        break
      case 'look-again':
        if (this.isHere) this.#work.subscription.lookAgain(message.records)
        break
      case 'hello':
        if (this.isHere) publisher.publish()
        if (!env.locks) this.tell({ type: 'alone' })
        break
      case 'alone':
        this.#election.giveUpLocks()
        break
      case 'status':
        if (this.isHere) break
        if (message.status.state === 'idle' || message.status.state === 'syncing') onUserIsBack()
        publisher.status.update(message.status)
        break
      case 'ping':
        // A tab with a newer schema gets no answer, and takes the lead: this one would not sync the tables it does not know.
        if (this.isHere && !(message.schemaVersion > schema.version)) this.tell({ type: 'pong' })
        break
      case 'clock':
        clock.correct(message.offset, message.reset)
        break
      case 'rescan':
        if (this.isHere) this.#work.subscription.rescan(ASKED_FOR)
    }
  }
}
