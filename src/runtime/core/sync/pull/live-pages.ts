import { isVersion } from '../../../shared/sync/protocol/is-version'
import type { ChangePage, SyncChange } from '../../../shared/sync/protocol/types'

/** At most so many changes wait to be applied, if the provider does not wait for that itself. Pages beyond are left out, and pulled later. */
const MAX_WAITING = 5_000

export interface LivePage {
  changes: readonly SyncChange[]
  page?: ChangePage
}

export interface LivePagesOptions {
  apply: (page: LivePage, signal: AbortSignal) => Promise<void>
  /** Every page that waited is applied. `isComplete`: none was left out. */
  onApplied: (isComplete: boolean) => void
  onError: (error: unknown) => void
}

/** Applies live pages one after the other: whether a page continues the cursor is known only when the one before it is applied. */
export class LivePages {
  #last: Promise<void> = Promise.resolve()
  #pages = 0
  #changes = 0
  #isComplete = true

  constructor(private readonly options: LivePagesOptions) {}

  /** Whether too many changes wait for this page to be taken. */
  isFull(changes: readonly SyncChange[]): boolean {
    return this.#changes > 0 && this.#changes + changes.length > MAX_WAITING
  }

  /** Leaves a page out. Resolves when those before it are applied. */
  async skip(): Promise<void> {
    this.#isComplete = false
    await this.#last
  }

  /** Resolves when the page is applied, or never will be: the signal aborted before its turn, or it failed. */
  add(page: LivePage, ended: AbortSignal): Promise<void> {
    const { apply, onError } = this.options
    this.#pages++
    this.#changes += page.changes.length
    this.#last = this.#last.then(() => ended.aborted ? undefined : apply(page, ended)).catch(onError).finally(() => {
      this.#pages--
      this.#changes -= page.changes.length
      if (this.#pages === 0) this.#allApplied(ended)
    })
    return this.#last
  }

  #allApplied(ended: AbortSignal): void {
    const isComplete = this.#isComplete
    this.#isComplete = true
    if (!ended.aborted) this.options.onApplied(isComplete)
  }
}

/**
 * The page's place in the feed. Undefined if the provider gave none that is valid: then the changes are applied without moving the cursor, and a
 * pull follows.
 */
export function placedPage(page: ChangePage | undefined): ChangePage | undefined {
  return isVersion(page?.from) && isVersion(page.nextCursor) ? { ...page } : undefined
}
