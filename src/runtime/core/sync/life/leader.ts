import type { SyncError } from '../../../shared/sync/protocol/errors'
import type { PageContext } from '../context/engine-context'
import type { ServerClock } from '../environment/server-clock'
import { ASKED_FOR } from '../pull/rescan-reasons'
import type { CapturedOp } from '../records/captured-op'
import type { RecordName } from '../records/record-name'
import type { LeaderElection } from '../tabs/leader-election'
import { SendingRecords } from '../tabs/sending-records'
import { TabChannel, type TabMessage } from '../tabs/tab-channel'
import { LeaderCode } from './leader-code'
import type { LeaderState, LeaderWork } from './leader-work'
import { loadedSyncCode } from './load-sync-code'
import type { StatusPublisher } from './status-publisher'
import type { SyncParts } from './sync-parts'

export interface LeaderOptions {
  context: PageContext
  /** Null: the code for syncing is not here yet. */
  parts: () => SyncParts | null
  publisher: StatusPublisher
  clock: Pick<ServerClock, 'correct'>
  /** Lets the circuit breakers send a probe: earlier failures may be out of date. */
  allowProbes: () => void
  /** The store says that somebody else is signed in. */
  onOtherUser: (error: SyncError) => void
  /** Another tab syncs in this user's name, so the user is signed in again. */
  onUserIsBack: () => void
  /** The store can be reached, for the first time or again. */
  onConnected: () => void
  /** Other records are in a push under way, here or in another tab. */
  onSending: () => void
  /** The code for syncing is here: `equip` takes it. */
  onCodeLoaded: () => void
}

/** What a tab knows of the work before it has its code. */
const NOTHING_KNOWN: LeaderState = { subscription: 'disconnected', isPushing: false, error: null, cursor: 0, lastSyncAt: 0, firstSyncDone: false, consistent: false, walk: null }

/**
 * Gives every tab one way to ask for the work of the leading tab. In the leading tab this object does the work; in the others it asks the
 * leading tab over the channel.
 */
export class Leader {
  /** Which records are in a push under way. */
  readonly sending: SendingRecords
  readonly #code: LeaderCode
  /** Null: its code is not here yet. Until then this tab does not stand for election. */
  #work: LeaderWork | null = null
  /** Null as long as `#work` is. */
  #election: LeaderElection | null = null
  /** Whether every tab works for itself, as was found out before this tab could stand for election. */
  #isWithoutLocks = false
  readonly #tabs: TabChannel

  constructor(private readonly options: LeaderOptions) {
    const { context, onSending, onCodeLoaded } = options
    const { env, schema } = context
    const tell = (message: TabMessage) => this.tell(message)
    this.sending = new SendingRecords({ env, tell, onChanged: onSending })
    this.#code = new LeaderCode({ env, onLoaded: onCodeLoaded, onFailed: error => void this.#codeFailed(error) })
    this.#tabs = new TabChannel({ name: this.#name, schemaVersion: schema.version, env, onMessage: message => this.#received(message) })
  }

  /** Whether this tab leads. */
  get isHere(): boolean {
    return this.#election?.isLeader === true
  }

  /** The state of the work, as far as this tab knows. */
  get state(): LeaderState {
    return this.#work?.state ?? NOTHING_KNOWN
  }

  /** The work, if this tab leads. */
  get #leading(): LeaderWork | null {
    return this.isHere ? this.#work : null
  }

  /**
   * Opens the channel to the other tabs, reads the cursor, and stands for election. Resolves when this is done, not when the election is. If the code
   * of the work has not come by then, the rest of this waits for `equip`.
   */
  async join(): Promise<void> {
    this.#tabs.open()
    if (this.#tabs.isBlocked) this.#giveUpLocks()
    this.tell({ type: 'hello' })
    // A tab that crashed, or had no channel, has told the leading tab nothing of what it wrote.
    this.tell({ type: 'outbox', now: false })
    this.tell({ type: 'look-again' })
    this.sending.greet()
    await this.#code.load()
    await (this.#work ? this.#work.load() : this.equip())
    this.stand()
  }

  /** Takes the code of the work, if it is here and was not taken before, and reads the cursor. From then on this tab can stand for election. */
  async equip(): Promise<void> {
    const [code, parts] = [loadedSyncCode(), this.options.parts()]
    if (this.#work || !code || !parts) return
    const { context: { env }, publisher, onConnected } = this.options
    const work = new code.LeaderWork({
      context: parts.context, isAlone: () => this.#election?.isAlone === true,
      onChanged: () => publisher.changed(), onRest: () => publisher.changed({ isUrgent: true }),
      onProgress: () => this.#progressed(), onConnected, onInFlight: keys => this.sending.sends(keys),
    })
    await work.load()
    this.#election = new code.LeaderElection({
      name: this.#name, env,
      onTaking: taken => work.takeLead(() => taken === this.#name()), onElected: takeovers => this.#lead(takeovers), onDeposed: () => this.#follow(), onAlone: () => work.outbox.wake(false),
      leaderAnswers: () => this.#tabs.leaderAnswers(), onLocksGivenUp: () => this.tell({ type: 'alone' }),
    })
    if (this.#isWithoutLocks) this.#election.giveUpLocks()
    this.#work = work
  }

  /** Gives up the lead, and closes the channel. Resolves when this tab's work has stopped. */
  async leave(): Promise<void> {
    this.#code.stop()
    await this.withdraw()
    this.#tabs.close()
  }

  /** Stands for election: from now on this tab may lead. Without the code of the work it does not. */
  stand(): void {
    this.#election?.start()
  }

  /** Gives up the lead, but goes on listening to the other tabs. Resolves when this tab's work has stopped. */
  async withdraw(): Promise<void> {
    await this.#election?.stop()
  }

  /** Sends a message to the other tabs. */
  tell(message: TabMessage): void {
    this.#tabs.send(message)
  }

  /** This tab has committed edits. */
  committed(ops: readonly CapturedOp[]): void {
    if (this.#leading) this.#leading.outbox.committed(ops)
    else this.tell({ type: 'outbox', now: false })
    this.options.publisher.committed(ops)
  }

  /** Sends what may be due in the outbox. `now`: waiting times end. */
  push(now: boolean): void {
    if (this.#leading) this.#leading.outbox.wake(now)
    else this.tell({ type: 'outbox', now })
    this.options.publisher.changed({ isUrgent: true })
  }

  /**
   * Sends what is due, and applies what has come. Resolves in the leading tab when it was sent or has to wait, and is applied; elsewhere when the
   * leading tab was asked.
   */
  async flush(): Promise<void> {
    const leading = this.#leading
    this.#work?.subscription.wake()
    if (leading) await Promise.all([leading.outbox.flush(), leading.subscription.applyNow()])
    else this.push(true)
  }

  /**
   * Tries quarantined changes again, and fetches tables that somebody wants again. `records`: only their changes may fit by now, because their
   * rows were private and are shared again, or gone. Default: the changes of any.
   */
  lookAgain(records?: RecordName[]): void {
    if (this.#leading) this.#leading.subscription.lookAgain(records)
    else this.tell({ type: 'look-again', ...records && { records } })
  }

  /** Fetches everything again. `reason`: what `sync.rescan` hooks are told, where this tab leads. */
  rescan(reason: string): void {
    if (this.#leading) this.#leading.subscription.rescan(reason)
    else this.tell({ type: 'rescan' })
  }

  /** There is reason to try again now: the network is back, the page is visible, or the user is signed in again. */
  wake(): void {
    this.#code.wake()
    if (this.#leading) this.#leading.outbox.wake(true)
    else void this.#election?.check()
    this.#work?.subscription.wake()
  }

  /** The page is hidden, and may not come back. What waits is sent now, because a small request outlives the page, and what has come is applied. */
  hide(): void {
    const leading = this.#leading
    if (!leading) return this.tell({ type: 'outbox', now: false })
    leading.outbox.leave()
    void leading.subscription.applyNow()
  }

  /** Resolves to whether nothing is under way and the database is up to date with the store. True in a tab that does not lead. */
  async isLevel(): Promise<boolean> {
    return await this.#leading?.isLevel() ?? true
  }

  /** Only in the leading tab: resolves when a pull that began after this call is applied, and the store had no more. Rejects when this tab's work stops. */
  async whenLevel(): Promise<void> {
    await this.#work!.subscription.whenLevel()
  }

  /** How often this tab has sent the edit. */
  attemptsOf(key: string, opId: string): number {
    return this.#work?.outbox.attemptsOf(key, opId) ?? 0
  }

  /** The name that the tabs of this database share. With the device id, because databases of two browser profiles may have the same name, and share a process. */
  readonly #name = () => `or3-sync:${this.options.context.db.name}:${this.options.context.deviceId()}`

  #giveUpLocks(): void {
    this.#isWithoutLocks = true
    this.#election?.giveUpLocks()
  }

  #lead(takeovers: number | undefined): void {
    this.#work!.start(takeovers)
    this.sending.leads()
    this.options.parts()?.caughtUp.leadChanged()
    this.options.publisher.publish()
  }

  async #follow(): Promise<void> {
    const { publisher } = this.options
    // Shown first, because stopping takes a while when the database is slow.
    publisher.status.update({ isLeader: false })
    await this.#work!.stop()
    publisher.publish()
  }

  /** The code of the work did not come. That concerns the user only if no other tab leads. */
  async #codeFailed(error: SyncError): Promise<void> {
    const { context: { env, hooks }, publisher } = this.options
    env.log.warn(error.message, error.cause)
    if (await this.#tabs.leaderAnswers() || this.#work) return
    hooks.doAction('sync.error:action', { error, code: error.code, permanent: false })
    publisher.status.update({ state: env.isOnline() ? 'error' : 'offline', error: { code: error.code, message: error.message } })
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
        this.#leading?.outbox.wake(message.now)
        if (message.now) void this.#leading?.subscription.applyNow()
        void publisher.counter.recount()
        break
      case 'changed':
        void publisher.counter.recount({ isRewritten: message.rewritten === true })
        break
      case 'look-again':
        this.#leading?.subscription.lookAgain(message.records)
        break
      case 'hello':
        if (this.isHere) publisher.publish()
        if (!env.locks) this.tell({ type: 'alone' })
        this.sending.greet()
        break
      case 'alone':
        this.#giveUpLocks()
        break
      case 'status':
        if (this.isHere) break
        if (message.status.state === 'idle' || message.status.state === 'syncing') onUserIsBack()
        publisher.status.update(message.status)
        break
      case 'ping':
        // A tab with a newer schema gets no answer, so that it takes the lead: this tab would not sync the tables that it does not know.
        if (this.isHere && !(message.schemaVersion > schema.version)) this.tell({ type: 'pong' })
        break
      case 'clock':
        clock.correct(message.offset, message.reset)
        break
      case 'rescan':
        this.#leading?.subscription.rescan(ASKED_FOR)
        break
      case 'watch-sending':
        this.sending.watchedElsewhere()
        break
      case 'sending':
        this.sending.received(message)
        break
      case 'catch-up':
        this.options.parts()?.caughtUp.asked(message.id)
        break
      case 'caught-up':
        this.options.parts()?.caughtUp.answered(message.id)
    }
  }
}
