import { isVersion } from '../../../shared/sync/protocol/is-version'
import type { ChangePage, SyncChange } from '../../../shared/sync/protocol/types'
import type { SyncClock } from '../environment/environment'
import { checkChanges } from './check-changes'
import { GrowingRecords, type Applied } from './growing-records'
import { JoinedPages } from './joined-pages'

/** At most so many changes wait to be applied, if the provider does not wait for that itself. Pages beyond are left out, and pulled later. */
const MAX_WAITING = 5_000

export interface LivePage {
  changes: readonly SyncChange[]
  page?: ChangePage
}

export interface LivePagesOptions {
  clock: SyncClock
  /** Aborts when the subscription is over. Pages that have not had their turn by then are dropped. */
  signal: AbortSignal
  apply: (page: LivePage) => Promise<void>
  /** Whether nothing speaks against letting this page wait a little. */
  mayWait: (page: LivePage) => boolean
  /** Every page that waited is applied. `isComplete`: none was left out. */
  onApplied: (isComplete: boolean) => void
  onError: (error: unknown) => void
}

/**
 * Applies live pages one after the other: whether a page continues the cursor is known only when the one before it is applied.
 *
 * A page waits a little if all its records were changed just now (`growing-records.ts`). Pages that follow are joined to it, until its time is
 * over or a page comes that must not wait.
 */
export class LivePages {
  #last: Promise<void> = Promise.resolve()
  /** Pages, and their changes, that have not had their turn. */
  #pages = 0
  #changes = 0
  #isComplete = true
  readonly #growing: GrowingRecords
  /** Pages that wait for what follows. */
  #joined: JoinedPages | null = null
  #timer: unknown

  constructor(private readonly options: LivePagesOptions) {
    this.#growing = new GrowingRecords(options.clock.now)
  }

  /** Whether too many changes wait for this page to be taken. */
  isFull(changes: readonly SyncChange[]): boolean {
    return this.#changes > 0 && this.#changes + changes.length > MAX_WAITING
  }

  /** Whether pages wait for what follows. */
  get isWaiting(): boolean {
    return this.#joined !== null
  }

  /** The version up to which these pages read. 0: none waits. */
  get position(): number {
    return this.#joined?.upTo ?? 0
  }

  /** Leaves a page out. Resolves when those before it are applied. */
  async skip(): Promise<void> {
    this.#isComplete = false
    await this.#last
  }

  /**
   * Resolves when the page is applied, or waits for what follows, or never will be applied: the subscription was over before its turn, or it failed.
   * It does not resolve later than that, because what follows has to be read before it can be joined.
   */
  add(page: LivePage): Promise<void> {
    this.#pages++
    this.#changes += page.changes.length
    return this.#inTurn(async () => {
      try { if (!this.options.signal.aborted) await this.#take(page) }
      finally {
        this.#pages--
        this.#changes -= page.changes.length
      }
    })
  }

  /** Applies what waits for more, at once, even if the subscription is over. Resolves when it is applied, or has failed. */
  applyNow(): Promise<void> {
    return this.#inTurn(() => this.#applyJoined('at-once'))
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(work).catch(this.options.onError).finally(() => { if (this.#pages === 0 && !this.#joined) this.#allApplied() })
    return this.#last
  }

  async #take(page: LivePage): Promise<void> {
    // Before its records are looked at.
    checkChanges(page.changes)
    const waitMs = this.options.mayWait(page) ? this.#waitMs(page) : 0
    if (!this.#joined && !waitMs) return await this.#apply(page, 'at-once')
    const joined = this.#joined ??= new JoinedPages()
    if (!joined.add(page)) {
      await this.#applyJoined('at-once')
      await this.#apply(page, 'at-once')
    }
    else if (!waitMs || joined.isTooMuch(page)) await this.#applyJoined('at-once')
    // Later pages do not make the first one wait longer.
    else this.#timer ??= this.options.clock.setTimeout(() => this.#isDue(joined), waitMs)
  }

  /** Milliseconds that a page may wait. A page without changes has nothing to show: it waits as long as those before it. */
  #waitMs({ changes }: LivePage): number {
    return this.#joined && !changes.length ? Infinity : this.#growing.waitMs(changes)
  }

  #isDue(joined: JoinedPages): void {
    void this.#inTurn(async () => { if (this.#joined === joined) await this.#applyJoined('in-vain') })
  }

  /** `how` holds if nothing was joined to the first page. */
  async #applyJoined(how: Applied): Promise<void> {
    const joined = this.#joined
    if (!joined) return
    if (this.#timer !== undefined) this.options.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    try { await this.#apply(joined.whole(), joined.areMany ? 'joined' : how) }
    finally { this.#joined = null }
  }

  async #apply(page: LivePage, how: Applied): Promise<void> {
    await this.options.apply(page)
    this.#growing.applied(page.changes, how)
  }

  #allApplied(): void {
    const isComplete = this.#isComplete
    this.#isComplete = true
    if (!this.options.signal.aborted) this.options.onApplied(isComplete)
  }
}

/**
 * The page's place in the feed. Undefined if the provider gave none that is valid: then the changes are applied without moving the cursor, and a
 * pull follows.
 */
export function placedPage(page: ChangePage | undefined): ChangePage | undefined {
  return isVersion(page?.from) && isVersion(page.nextCursor) ? { ...page } : undefined
}
