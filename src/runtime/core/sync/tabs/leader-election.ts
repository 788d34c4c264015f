import { LEADER_ANSWER_MS, LEADER_CHECK_MS, LOCKS_ANSWER_MS } from '../../../shared/sync/protocol/limits'
import type { SyncEnvironment } from '../environment/environment'

/** If Web Locks have not granted a free lock after this time, they may not work. Then a leading tab has the rest of `LOCKS_ANSWER_MS` to answer. */
const DOUBT_MS = LOCKS_ANSWER_MS - LEADER_ANSWER_MS
/** After this many refusals in a row, Web Locks are given up. A single one may be harmless: another tab stole the lock before this one heard that it had it. */
const MAX_REFUSALS = 3

export interface LeaderElectionOptions {
  /** The name of the lock. Asked when the election begins, because only then is the database's name known. */
  name: () => string
  /** `locks` is set to null when Web Locks turn out not to work. Other parts read it: null means that every tab works for itself. */
  env: Pick<SyncEnvironment, 'locks' | 'log' | 'clock' | 'uuid'>
  /**
   * The lock of this name was taken from a frozen tab, and this one is about to lead. It does once the promise has resolved, with what `onElected` is
   * told. Must not reject.
   */
  onTaking: (name: string) => Promise<number | undefined>
  /** This tab leads. `takeovers`: what `onTaking` has resolved to; undefined where the lead was free. */
  onElected: (takeovers?: number) => void
  /** This tab no longer leads. Must not throw. The lock is released once the promise has resolved. */
  onDeposed: () => Promise<void>
  /** Called at each check without Web Locks: another tab may have closed and left edits in the outbox. */
  onAlone: () => void
  /** Web Locks do not work here: the other tabs have to be told, because no tab may take itself for the only one that leads. */
  onLocksGivenUp: () => void
  /** Whether the leading tab answers, within 3 s. A frozen tab keeps its lock and answers nobody. */
  leaderAnswers: () => Promise<boolean>
}

/**
 * Elects one leading tab per database: the one that holds the Web Lock. A tab that closes or crashes loses the lock by itself. The lock of a
 * frozen tab is stolen.
 *
 * Without Web Locks that work, every tab leads. This costs more requests and does no harm: pushes are idempotent, and applying a change twice
 * changes nothing.
 */
export class LeaderElection {
  /** Aborts when the election is over. */
  #election: AbortController | null = null
  /** Aborts the request for the lock that is under way. */
  #campaign: AbortController | null = null
  #isStealing = false
  /** The request for the second lock, `:sends`. Once it is granted in time, no other tab sends. */
  #sending: { isGranted: boolean, end: () => void } | null = null
  #refusals = 0
  #release: (() => void) | null = null
  #isLeader = false
  readonly #timers = new Set<unknown>()
  #deposed: Promise<void> = Promise.resolve()

  constructor(private readonly options: LeaderElectionOptions) {}

  get isLeader(): boolean {
    return this.#isLeader
  }

  /** Whether no other tab can be sending while this one leads. */
  get isAlone(): boolean {
    return this.options.env.locks !== null && this.#sending?.isGranted === true
  }

  start(): void {
    if (this.#election) return
    this.#election = new AbortController()
    if (this.options.env.locks) {
      this.#run(false)
      this.#doubtLocks(this.#election.signal)
    }
    else this.#elect()
    this.#watch()
  }

  /** Gives up the lead. Resolves once its work has stopped. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) this.options.env.clock.clearTimeout(timer)
    this.#timers.clear()
    this.#election?.abort()
    this.#campaign?.abort()
    this.#election = this.#campaign = null
    await this.#depose()
  }

  /** Asks the leading tab for an answer now, and takes its place if there is none. */
  async check(): Promise<void> {
    if (!this.options.env.locks) return this.options.onAlone()
    const campaign = this.#campaign
    if (this.#isLeader || !campaign || await this.options.leaderAnswers()) return
    if (this.#isLeader || this.#campaign !== campaign) return
    // A stolen lock is granted at once. This one was not, so Web Locks do not work.
    if (this.#isStealing) return this.giveUpLocks()
    this.options.env.log.info('The leading tab does not answer; this one takes over')
    campaign.abort()
    this.#run(true)
  }

  /** From now on works as without Web Locks. If the lock is granted after all, it is given back. */
  giveUpLocks(): void {
    const { env, onLocksGivenUp } = this.options
    if (!env.locks) return
    env.locks = null
    env.log.warn('The tabs of this browser cannot agree on one that syncs for all (Web Locks, BroadcastChannel): each syncs for itself')
    this.#campaign?.abort()
    this.#campaign = null
    onLocksGivenUp()
    const election = this.#election
    void this.#deposed.then(() => { if (election && this.#election === election && !this.#isLeader) this.#elect() })
  }

  /** Requests the lock, and waits until it is free. With `steal`, takes it from whoever holds it. */
  #run(steal: boolean): void {
    const { env } = this.options
    const abort = this.#campaign = new AbortController()
    const name = this.options.name()
    this.#isStealing = steal
    // The API accepts a signal or `steal`, not both.
    this.#request(steal ? { steal } : { signal: abort.signal }, async () => {
      this.#isStealing = false
      this.#refusals = 0
      // This tab may have led before, and that work may still be stopping. The two must not overlap.
      await this.#deposed
      const takeovers = steal ? await this.options.onTaking(name) : undefined
      if (abort.signal.aborted) return
      const released = new Promise<void>((resolve) => { this.#release = resolve })
      this.#elect(takeovers)
      await released
    }, name).catch((error: unknown) => {
      if (abort.signal.aborted) return
      // Another tab got no answer from this one and stole the lock. Stop at once, then request it again.
      env.log.info('Another tab has taken the lead', error)
      // The callback above may still wait: after this abort it does not elect this tab.
      abort.abort()
      this.#refusals++
      void this.#depose().then(() => {
        if (this.#campaign !== abort) return
        if (this.#refusals >= MAX_REFUSALS) this.giveUpLocks()
        else this.#run(false)
      })
    })
  }

  /** Requests a lock. What the browser throws at once counts as a rejection, too. */
  #request(options: { signal?: AbortSignal, steal?: boolean }, callback: () => Promise<void>, name: string): Promise<unknown> {
    return new Promise((resolve) => { resolve(this.options.env.locks!.request(name, options, callback)) })
  }

  /**
   * Checks that Web Locks work, by a lock with a random name. Nobody else wants it, so it has to be granted at once, whoever leads. If it is
   * not, and no leading tab answers, waiting for the other lock is in vain.
   */
  #doubtLocks(signal: AbortSignal): void {
    const { env, leaderAnswers, name } = this.options
    let isAnswered = false
    const answered = () => { isAnswered = true }
    this.#request({ signal }, async () => answered(), `${name()}:${env.uuid()}`).catch(answered)
    this.#later(DOUBT_MS, async () => {
      if (isAnswered || await leaderAnswers() || isAnswered || signal.aborted) return
      this.giveUpLocks()
    })
  }

  #elect(takeovers?: number): void {
    this.#isLeader = true
    this.#claimSending()
    this.options.onElected(takeovers)
  }

  /**
   * Requests the second lock, `:sends`, which nobody steals and a leading tab holds until its work has stopped.
   *
   * A frozen tab whose lead was taken goes on sending when it thaws, until it hears of that. It still holds this lock, so the new leader has to
   * wait for it and knows that it is not alone. It counts as not alone for as long as it leads, because the last push of the other tab may have
   * had no answer.
   */
  #claimSending(): void {
    const { env, name } = this.options
    if (!env.locks) return
    const abort = new AbortController()
    const { signal } = abort
    const claim = { isGranted: false, end: () => abort.abort() }
    let isLate = false
    this.#sending = claim
    this.#request({ signal }, async () => {
      if (signal.aborted) return
      claim.isGranted = !isLate
      await new Promise((resolve) => { signal.addEventListener('abort', resolve) })
    }, `${name()}:sends`).catch((error: unknown) => { if (!signal.aborted) env.log.debug('Other tabs may be sending, too', error) })
    // Locks are granted in the order of the requests. This one is always free: if it is granted first, `:sends` was not free.
    this.#request({ signal }, async () => { isLate = true }, `${name()}:${env.uuid()}`).catch(() => {})
  }

  async #depose(): Promise<void> {
    const [release, sending] = [this.#release, this.#sending]
    this.#release = this.#sending = null
    if (this.#isLeader) {
      this.#isLeader = false
      this.#deposed = this.options.onDeposed()
    }
    await this.#deposed
    sending?.end()
    release?.()
  }

  #watch(): void {
    const election = this.#election
    this.#later(LEADER_CHECK_MS, () => {
      // The election may have been stopped and started again meanwhile.
      void this.check().finally(() => { if (this.#election === election) this.#watch() })
    })
  }

  #later(ms: number, action: () => unknown): void {
    const timer = this.options.env.clock.setTimeout(() => {
      this.#timers.delete(timer)
      void action()
    }, ms)
    this.#timers.add(timer)
  }
}
