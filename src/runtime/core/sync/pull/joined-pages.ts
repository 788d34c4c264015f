import { STEP_MAX_ROWS, STEP_MAX_TEXT } from '../../../shared/sync/protocol/limits'
import { recordKey } from '../../../shared/sync/protocol/record-key'
import { compareRevisions } from '../../../shared/sync/protocol/revision'
import type { ChangePage, SyncChange } from '../../../shared/sync/protocol/types'
import type { LivePage } from './live-pages'

/**
 * Live pages that wait, joined to one. It holds the newest revision of each record, and ends where the last page ends. To the device it is as if
 * the store had been read once, a little later.
 */
export class JoinedPages {
  readonly #changes = new Map<string, SyncChange>()
  #place: ChangePage | null = null
  #text = 0
  /** How many pages with changes were joined. */
  #count = 0

  /**
   * Joins a page. @returns false if it cannot be joined: it has no place in the feed, there is a gap before it, or it is not the end of its level
   * step.
   */
  add({ changes, page }: LivePage): boolean {
    if (!page || page.hasMore || (this.#place && page.from > this.#place.nextCursor)) return false
    for (const change of changes) this.#addChange(change)
    if (changes.length) this.#count++
    this.#place = this.#place ? joinPlaces(this.#place, page) : page
    return true
  }

  /** Whether more than one page was joined. */
  get areMany(): boolean {
    return this.#count > 1
  }

  /** The version up to which the pages read. */
  get upTo(): number {
    return this.#place?.nextCursor ?? 0
  }

  /** Counts a page that was joined and is to wait. @returns whether so much waits that it must not stay in memory any longer */
  isTooMuch({ changes }: LivePage): boolean {
    this.#text += JSON.stringify(changes).length
    return this.#changes.size > STEP_MAX_ROWS || this.#text > STEP_MAX_TEXT
  }

  /** All pages as one. */
  whole(): LivePage {
    return { changes: [...this.#changes.values()], page: this.#place! }
  }

  #addChange(change: SyncChange): void {
    const key = recordKey(change.tableName, change.pk)
    const known = this.#changes.get(key)
    if (!known || compareRevisions(change.stamp, known.stamp) >= 0) this.#changes.set(key, change)
  }
}

/** The marks that either request handed over are followed up by the mark of the later page. */
function joinPlaces(earlier: ChangePage, later: ChangePage): ChangePage {
  const asked = [earlier.asked, later.asked].filter(mark => mark !== undefined)
  return {
    ...later, from: Math.min(earlier.from, later.from), nextCursor: Math.max(earlier.nextCursor, later.nextCursor),
    mark: later.mark ?? earlier.mark, asked: asked.length ? asked.join(',') : undefined,
  }
}
