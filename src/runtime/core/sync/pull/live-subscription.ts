import { CONTACT_MS } from '../../../shared/sync/protocol/limits'
import { SyncError } from '../../../shared/sync/protocol/errors'
import type { OnChanges, SubscriptionStatus, SyncChange } from '../../../shared/sync/protocol/types'
import type { EngineContext } from '../context/engine-context'
import { UnderWay } from '../environment/under-way'
import { untilAnswered } from '../environment/until-answered'
import type { RecordName } from '../records/record-name'
import type { CursorManager } from '../progress/cursor-manager'
import { mayArriveLater } from '../progress/given-up'
import { announceReceived } from './announce-received'
import type { CatchUp } from './catch-up'
import type { ChangeApplier } from './change-applier'
import type { CursorReporter } from './cursor-reporter'
import { LivePages, placedPage, type LivePage } from './live-pages'
import { PageTaker } from './page-taker'
import { SleepWatch } from './sleep-watch'

/** Changes that came without a page do not move the cursor. A pull after this time does. */
const SETTLE_MS = 200
/** If the rest of a level step does not come within this time, a pull fetches it. */
const REST_MS = 3_000

export interface LiveSubscriptionOptions {
  context: EngineContext
  applier: ChangeApplier
  cursors: CursorManager
  catchUp: CatchUp
  reporter: CursorReporter
  /** Whether no other tab can be sending meanwhile. */
  isAlone: () => boolean
  /** All pages that have come are applied. */
  onApplied: () => void
  onStatus: (status: SubscriptionStatus) => void
  /** Everything has to be fetched again. */
  onRescan: (reason: string) => void
  /** Caught up, and subscribed. */
  onConnected: () => Promise<void>
  /** The subscription is over. Work that it started is still waited for. */
  onOver: () => void
}

/** One subscription, from its start to its end. Its pages are applied in order, as level steps. A page moves the cursor if it continues there. */
export class LiveSubscription {
  readonly #abort = new AbortController()
  /** Work that it has started and waits for at its end. */
  readonly #underWay = new UnderWay()
  readonly #ended: Promise<void>
  #hasEnded = false
  #unsubscribe: (() => void) | undefined
  /** Ends the subscription. With an error, the next one waits; with null, catching up starts at once. */
  end: (error: unknown) => void = () => {}
  /** `again`: another pull was asked for while this one was under way. Its answer may be too old to show the change. */
  #pull: 'none' | 'underWay' | 'again' = 'none'
  #pullTimer: unknown
  #touchTimer: unknown
  #restTimer: unknown
  /** Applies the pages. Those of a level step wait until it is complete. */
  readonly #taker: PageTaker
  readonly #sleepWatch: SleepWatch
  /** Brings the pages to the taker, one after the other. Those of a record that changes again and again wait for what follows. */
  readonly #pages: LivePages

  /** `signal` aborts when this tab stops following. */
  constructor(private readonly options: LiveSubscriptionOptions, private readonly signal: AbortSignal) {
    this.#sleepWatch = new SleepWatch(options.context.env.clock)
    this.#taker = new PageTaker(options)
    this.#pages = new LivePages({
      clock: options.context.env.clock, signal: this.#abort.signal,
      apply: page => this.#apply(page),
      mayWait: page => this.#mayWait(page),
      onApplied: (isComplete) => {
        if (!this.#taker.isWaiting) this.options.onApplied()
        if (!isComplete) this.pullSoon()
      },
      onError: error => this.end(error),
    })
    this.#ended = new Promise((resolve, reject) => {
      this.end = (error) => {
        this.#hasEnded = true
        if (error) reject(error)
        else resolve()
      }
    })
    // It may reject before anybody awaits it, and must not count as an unhandled rejection.
    this.#ended.catch(() => {})
  }

  /** Whether this device may be behind the store: it is fetching, or pages that have come wait for what follows. */
  get isBehind(): boolean {
    return this.#isFetching || this.#pages.isWaiting
  }

  /** A pull is under way, or the rest of a level step has to come. */
  get #isFetching(): boolean {
    return this.#pull !== 'none' || this.#taker.isWaiting
  }

  /** Subscribes, and follows. Resolves when the subscription has ended without an error, and the work it started is over. */
  async run(): Promise<void> {
    const { context, applier, reporter, isAlone, onConnected, onOver } = this.options
    const { db, env } = context
    const { signal } = this
    const onAbort = () => {
      this.#abort.abort()
      this.end(null)
    }
    signal.addEventListener('abort', onAbort)
    this.#sleepWatch.begin()
    try {
      // The store must not leave this tab's own edits out of the stream when they may still be pushed by another tab, or arrive late after they
      // were given up here.
      const hearsItself = !isAlone() || await mayArriveLater(db, env.clock.now())
      const subscribing = this.#subscribe(hearsItself)
      subscribing.then((unsubscribe) => {
        this.#unsubscribe = unsubscribe
        // If `subscribe` resolves after the end, the subscription is given back at once.
        if (this.#abort.signal.aborted) this.#release()
      }, () => {})
      // The subscription may end before `subscribe` has resolved.
      await Promise.race([untilAnswered(subscribing, { clock: env.clock, what: 'subscribe', signal }), this.#ended])
      if (this.#hasEnded) return await this.#ended
      // Fetches what came between catching up and subscribing.
      await this.#pullOnce()
      await onConnected()
      await reporter.report({ now: true, signal })
      this.#touch()
      await this.#ended
    }
    finally {
      signal.removeEventListener('abort', onAbort)
      onOver()
      this.#clearTimers()
      // What waits is here already, and the network may be gone.
      const applied = this.#pages.applyNow()
      this.#abort.abort()
      this.#release()
      await this.#underWay.settled()
      await applied
      await applier.storeCursor()
    }
  }

  /** Applies pages at once that wait for what follows. Resolves when they are applied, or have failed. */
  async applyNow(): Promise<void> {
    await this.#pages.applyNow()
  }

  /** The store has something that this device should see now. Pulls after `delayMs`. */
  pullSoon(delayMs = 0): void {
    if (this.#pullTimer !== undefined || this.#abort.signal.aborted) return
    this.#pullTimer = this.options.context.env.clock.setTimeout(() => {
      this.#pullTimer = undefined
      this.#pullNow()
    }, delayMs)
  }

  /**
   * Tries quarantined changes again: those of these records, or all. If tables are to be fetched in full, the subscription ends, because that
   * takes a whole catch-up.
   */
  async lookAgain(records?: readonly RecordName[]): Promise<void> {
    if (await this.options.catchUp.lookAgain(records)) this.end(null)
  }

  /** Like `lookAgain`, without waiting for it. */
  lookAgainBeside(records?: readonly RecordName[]): void {
    void this.#underWay.add(this.lookAgain(records).catch(error => this.end(error)))
  }

  #subscribe(hearsItself: boolean): Promise<() => void> {
    const { context, cursors, onStatus, onRescan } = this.options
    const { signal } = this.#abort
    return context.provider.subscribe(context.scope, Object.keys(context.schema.tables), this.#receive, {
      // A provider that reads on from here must not read again and again what waits.
      cursor: () => Math.max(cursors.state.cursor, this.#pages.position),
      node: hearsItself ? undefined : context.hlc.node(),
      signal,
      onStatus: (status, detail) => {
        if (signal.aborted) return
        if (detail?.session) context.membershipsChanged()
        if (detail?.rescan) onRescan(detail.restored ? 'epoch' : 'history gap')
        else if (status === 'error' || status === 'disconnected') this.end(detail?.error ?? new SyncError('NETWORK_ERROR', 'the subscription ended'))
        else onStatus(status)
      },
    })
  }

  /** Unsubscribes. A provider that throws must not keep the rest from being cleaned up. */
  #release(): void {
    const warn = (error: unknown) => this.options.context.env.log.warn('The provider could not end its subscription', error)
    try { Promise.resolve(this.#unsubscribe?.()).catch(warn) }
    catch (error) { warn(error) }
  }

  /** Takes a page. If it comes late, from a subscription that is over, it is dropped: the next one starts at the stored cursor. */
  readonly #receive: OnChanges = (changes, page) => {
    const { context, cursors, onStatus, onRescan } = this.options
    const { signal } = this.#abort
    if (signal.aborted) return
    const { epoch } = cursors.state
    if (page?.epoch !== undefined && epoch !== undefined && page.epoch !== epoch) return onRescan('epoch')
    if (this.#pages.isFull(changes)) return this.#pages.skip()
    announceReceived(context, changes)
    onStatus('syncing')
    // Copied, because it is applied later, and the provider may use its array again.
    return this.#underWay.add(this.#pages.add({ changes: [...changes], page: placedPage(page) }))
  }

  /** Whether a page may wait for what follows. Not while a pull or a walk is under way, or a step is open: then somebody waits for the feed. */
  #mayWait({ page }: LivePage): boolean {
    const isHidden = this.options.context.env.isHidden()
    // Timers of a hidden page may come a minute late.
    if (!page || page.hasMore || this.#isFetching || isHidden) return false
    return page.from <= Math.max(this.#taker.position, this.#pages.position)
  }

  async #apply({ changes, page }: LivePage): Promise<void> {
    const { reporter } = this.options
    if (this.#endsAsleep()) return
    if (!page) return await this.#applyUnplaced(changes)
    // There is a gap before this page. The pull brings both.
    if (page.from > this.#taker.position) return this.pullSoon()
    await this.#taker.take({ changes, upTo: page.nextCursor, hasMore: page.hasMore === true, heard: page })
    this.#awaitRest()
    if (!this.#taker.isWaiting) await reporter.report({ now: false, signal: this.#abort.signal })
  }

  /** Changes without a place in the feed may be a part of what the store holds. */
  async #applyUnplaced(changes: readonly SyncChange[]): Promise<void> {
    const { applier } = this.options
    if (changes.length) await applier.beginPart()
    await applier.apply(changes)
    this.pullSoon(SETTLE_MS)
  }

  /** Pulls if the rest of a level step does not come. */
  #awaitRest(): void {
    const { clock } = this.options.context.env
    if (this.#restTimer !== undefined) clock.clearTimeout(this.#restTimer)
    this.#restTimer = this.#taker.isWaiting && !this.#abort.signal.aborted ? clock.setTimeout(() => this.pullSoon(), REST_MS) : undefined
  }

  /** Counts a quiet stream as contact. Otherwise this device would take its cursor for expired, and the store would take the device for gone. */
  #touch(): void {
    const { context: { env }, cursors, applier, reporter } = this.options
    const { signal } = this.#abort
    this.#touchTimer = env.clock.setTimeout(() => {
      if (this.#endsAsleep()) return
      cursors.pass(cursors.state.cursor, env.clock.now())
      reporter.forget()
      const touched = applier.storeCursor().then(() => reporter.report({ now: true, signal })).catch(error => this.end(error))
      void this.#underWay.add(touched.then(() => { if (!signal.aborted) this.#touch() }))
    }, CONTACT_MS)
  }

  /**
   * Ends the subscription if the page has slept; the next one starts at the cursor. Pages that are still on their way are from before, and the
   * tombstones that would keep deleted rows from coming back may have been collected since. @returns whether it ends.
   */
  #endsAsleep(): boolean {
    if (!this.#sleepWatch.hasSlept()) return false
    this.end(null)
    return true
  }

  #pullNow(): void {
    if (this.#abort.signal.aborted) return
    if (this.#pull !== 'none') {
      this.#pull = 'again'
      return
    }
    void this.#underWay.add(this.#pullOnce().catch(error => this.end(error)))
  }

  /** Never two at a time: both would begin the same rescan. */
  async #pullOnce(): Promise<void> {
    this.#pull = 'underWay'
    void this.#pages.applyNow()
    try { await this.options.catchUp.pull(this.signal) }
    finally {
      // Another pull may have been asked for while this one was under way.
      const asksAgain = (this.#pull as string) === 'again'
      this.#pull = 'none'
      if (asksAgain) this.#pullNow()
      else if (!this.isBehind) this.options.onApplied()
    }
  }

  #clearTimers(): void {
    const { clock } = this.options.context.env
    for (const timer of [this.#pullTimer, this.#touchTimer, this.#restTimer]) if (timer !== undefined) clock.clearTimeout(timer)
  }
}
