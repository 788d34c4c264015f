import type { SyncEnvironment } from '../environment/environment'

/** How often a tab that does not lead makes sure that somebody does. */
const CHECK_MS = 5_000
/** Web Locks that have not answered after this long are doubted. With the 3 s in which a leader would answer, 5 s in all. */
const DOUBT_MS = 2_000
/** Refusals in a row, none granted between, after which Web Locks are given up. One may be a lock that was stolen before its tab heard of it. */
const MAX_REFUSALS = 3

export interface LeaderElectionOptions {
  /** Asked when the campaign begins: the database has its name by then. */
  name: () => string
  /** `locks` becomes null when they turn out not to work: whoever reads it knows that every tab works for itself. */
  env: Pick<SyncEnvironment, 'locks' | 'log' | 'clock' | 'uuid'>
  onElected: () => void
  /** Must not throw; the lock passes on once it has resolved. */
  onDeposed: () => Promise<void>
  /** Without Web Locks: another tab may have gone and left work behind. */
  onAlone: () => void
  /** Web Locks do not work here: no tab may take itself for the only one that leads. */
  onLocksGivenUp: () => void
  /** Whether the tab that leads answers, within 3 s. A frozen tab keeps its lock and answers nobody. */
  leaderAnswers: () => Promise<boolean>
}

/**
 * One leader per database: the tab that holds the Web Lock pushes and subscribes; a closed or crashed one loses it by itself,
 * a frozen one is replaced by stealing. Without Web Locks, or with ones that do not work, every tab leads, which is only less
 * economical: pushes are idempotent and applying a change twice changes nothing.
 */
export class LeaderElection {
  /** Aborts when the election is over. */
  #election: AbortController | null = null
  /** Aborts with the request for the lock that is under way. */
  #campaign: AbortController | null = null
  #isStealing = false
  /** This term's claim to be the only one that sends. */
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

  /** Gives leadership up; resolves once its work has stopped. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) this.options.env.clock.clearTimeout(timer)
    this.#timers.clear()
    this.#election?.abort()
    this.#campaign?.abort()
    this.#election = this.#campaign = null
    await this.#depose()
  }

  /** Looks now whether the leader is alive, and takes its place if it is not. */
  async check(): Promise<void> {
    if (!this.options.env.locks) return this.options.onAlone()
    const campaign = this.#campaign
    if (this.#isLeader || !campaign || await this.options.leaderAnswers()) return
    if (this.#isLeader || this.#campaign !== campaign) return
    // Stealing waits for nobody.
    if (this.#isStealing) return this.giveUpLocks()
    this.options.env.log.info('The leading tab does not answer; this one takes over')
    campaign.abort()
    this.#run(true)
  }

  /** From here on as without Web Locks. One that is granted after all is given back. */
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

  /** Stands in line for the lock; with `steal`, takes it from whoever holds it. */
  #run(steal: boolean): void {
    const { env } = this.options
    const abort = this.#campaign = new AbortController()
    this.#isStealing = steal
    // The API takes a signal or `steal`, not both.
    this.#request(steal ? { steal } : { signal: abort.signal }, async () => {
      this.#isStealing = false
      this.#refusals = 0
      // The work of an earlier term may still be stopping: two terms never overlap.
      await this.#deposed
      if (abort.signal.aborted) return
      const released = new Promise<void>((resolve) => { this.#release = resolve })
      this.#elect()
      await released
    }).catch((error: unknown) => {
      if (abort.signal.aborted) return
      // Taken by a tab that got no answer from us: stop at once, then stand in line again.
      env.log.info('Another tab has taken the lead', error)
      // The callback above may not have run as far as being elected.
      abort.abort()
      this.#refusals++
      void this.#depose().then(() => {
        if (this.#campaign !== abort) return
        if (this.#refusals >= MAX_REFUSALS) this.giveUpLocks()
        else this.#run(false)
      })
    })
  }

  /** The browser's answer; what it throws at once is one, too. */
  #request(options: { signal?: AbortSignal, steal?: boolean }, callback: () => Promise<void>, name = this.options.name()): Promise<unknown> {
    return new Promise((resolve) => { resolve(this.options.env.locks!.request(name, options, callback)) })
  }

  /**
   * A lock that nobody else wants is granted at once wherever Web Locks work, whoever leads. Where it is not, and nobody leads who
   * would answer, there is no use in waiting for the other one.
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

  #elect(): void {
    this.#isLeader = true
    this.#claimSending()
    this.options.onElected()
  }

  /**
   * A tab from which the lead was taken sends on when it thaws, until it hears of that. Its second lock, which nobody steals, tells every
   * leader after it: it holds that until its work has stopped, or it is gone. Who had to wait for it is not alone for as long as it leads:
   * what the other one sent last may have had no answer.
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
    // Locks are granted in the order in which they are asked for. One that nobody else wants shows that the other was not free.
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
    this.#later(CHECK_MS, () => {
      // Meanwhile there may have been a stop and a start.
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
