import { STEP_MAX_ROWS, STEP_MAX_TEXT } from '../../../shared/sync/protocol/limits'
import type { SyncChange } from '../../../shared/sync/protocol/types'
import type { Heard } from './change-applier'

/** A page of the feed that was read and is not applied yet. */
export interface ReadPage {
  changes: readonly SyncChange[]
  /** The version up to which it reads. */
  upTo: number
  /** The store had more when the page was read. */
  hasMore: boolean
  epoch?: string
  heard?: Heard
}

/**
 * Collects the pages of the feed up to one with `hasMore: false`. Together these are what the store held when that last page was read, with no
 * transaction in part. Applied in one transaction they are a level step.
 *
 * Why: take a record that stood at version v then. Some page covers v, and was read when that version was there, so it holds the record. Older
 * versions of the record in earlier pages lose by revision.
 */
export class LevelStep {
  readonly #pages: ReadPage[] = []
  #rows = 0
  #text = 0

  /** `from`: the version after which the first page begins. */
  constructor(private readonly from: number) {}

  add(page: ReadPage): void {
    this.#pages.push(page)
    this.#rows += page.changes.length
    if (page.hasMore) this.#text += JSON.stringify(page.changes).length
  }

  get pages(): readonly ReadPage[] {
    return this.#pages
  }

  /** The version up to which the pages read. The next page begins there. */
  get position(): number {
    return this.#pages.reduce((position, { upTo }) => Math.max(position, upTo), this.from)
  }

  /** So large that it is applied page by page. Then it is no step any more: other devices' transactions may be shown in part meanwhile. */
  get isTooLarge(): boolean {
    return this.#pages.length > 1 && (this.#rows > STEP_MAX_ROWS || this.#text > STEP_MAX_TEXT)
  }

  /** All pages as one. */
  whole(): ReadPage {
    return { ...this.#pages.at(-1)!, changes: this.#pages.length === 1 ? this.#pages[0]!.changes : this.#pages.flatMap(({ changes }) => changes) }
  }
}
