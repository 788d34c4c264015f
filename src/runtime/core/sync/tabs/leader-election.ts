import type { SyncEnvironment } from '../environment'

/** How often a tab that does not lead makes sure that somebody does. */
const CHECK_MS = 5_000

export interface LeaderElectionOptions {
  /** Asked when the campaign begins: the database has its name by then. */
  name: () => string
  env: Pick<SyncEnvironment, 'locks' | 'log' | 'clock'>
  onElected: () => void
  /** Must not throw; the lock passes on once it has resolved. */
  onDeposed: () => Promise<void>
  /** Without Web Locks: another tab may have gone and left work behind. */
  onAlone: () => void
  /** Whether the tab that holds the lock answers. A frozen tab keeps its lock and answers nobody. */
  leaderAnswers: () => Promise<boolean>
}

/**
 * One leader per database: the tab that holds the Web Lock pushes and subscribes; a closed or crashed one loses it by itself,
 * a frozen one is replaced by stealing. Without Web Locks every tab leads, which is only less economical: pushes are
 * idempotent and applying a change twice changes nothing.
 */
export class LeaderElection {
  #campaign: AbortController | null = null
  #release: (() => void) | null = null
  #isLeader = false
  #timer: unknown
  #deposed: Promise<void> = Promise.resolve()

  constructor(private readonly options: LeaderElectionOptions) {}

  get isLeader(): boolean {
    return this.#isLeader
  }

  start(): void {
    if (!this.options.env.locks) {
      this.#elect()
      this.#watch()
      return
    }
    this.#run(false)
    this.#watch()
  }

  /** Gives leadership up; resolves once its work has stopped. */
  async stop(): Promise<void> {
    this.#unwatch()
    this.#campaign?.abort()
    this.#campaign = null
    await this.#depose()
  }

  /** Looks now whether the leader is alive, and takes its place if it is not. */
  async check(): Promise<void> {
    if (!this.options.env.locks) return this.options.onAlone()
    const campaign = this.#campaign
    if (this.#isLeader || !campaign || await this.options.leaderAnswers()) return
    if (this.#isLeader || this.#campaign !== campaign) return
    this.options.env.log.info('The leading tab does not answer; this one takes over')
    campaign.abort()
    this.#run(true)
  }

  /** Stands in line for the lock; with `steal`, takes it from whoever holds it. */
  #run(steal: boolean): void {
    const { env, name } = this.options
    const abort = this.#campaign = new AbortController()
    // The API takes a signal or `steal`, not both.
    env.locks!.request(name(), steal ? { steal } : { signal: abort.signal }, async () => {
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
      void this.#depose().then(() => { if (this.#campaign === abort) this.#run(false) })
    })
  }

  #elect(): void {
    this.#isLeader = true
    this.options.onElected()
  }

  async #depose(): Promise<void> {
    const release = this.#release
    this.#release = null
    if (this.#isLeader) {
      this.#isLeader = false
      this.#deposed = this.options.onDeposed()
    }
    await this.#deposed
    release?.()
  }

  #watch(): void {
    const { clock } = this.options.env
    // Its own timer tells whether this is still the watch: meanwhile there may have been a stop and a start.
    const timer = this.#timer = clock.setTimeout(() => {
      void this.check().finally(() => { if (this.#timer === timer) this.#watch() })
    }, CHECK_MS)
  }

  #unwatch(): void {
    if (this.#timer !== undefined) this.options.env.clock.clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
