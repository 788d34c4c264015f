import { isVersion } from '../../../shared/sync/protocol/is-version'
import type { ChangePage, SyncChange } from '../../../shared/sync/protocol/types'

/** So many changes wait at most, from a provider that does not wait for them to be applied. What is beyond is pulled later. */
const MAX_WAITING = 5_000

export interface LivePage {
  changes: readonly SyncChange[]
  page?: ChangePage
}

export interface LivePagesOptions {
  apply: (page: LivePage, signal: AbortSignal) => Promise<void>
  /** Every page that waited is applied. `isComplete`: none had to be left out. */
  onApplied: (isComplete: boolean) => void
  onError: (error: unknown) => void
}

/** Applies live pages one after the other: whether a page continues the cursor is known only once its predecessor is applied. */
export class LivePages {
  #last: Promise<void> = Promise.resolve()
  #pages = 0
  #changes = 0
  #isComplete = true

  constructor(private readonly options: LivePagesOptions) {}

  /** Whether the page would be one too many. */
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

/** A page that does not say properly where it stands in the feed has no place there: its changes are applied, and a pull follows. */
export function placedPage(page: ChangePage | undefined): ChangePage | undefined {
  return isVersion(page?.from) && isVersion(page.nextCursor) ? { ...page } : undefined
}
