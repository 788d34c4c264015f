import type { FeedPage } from '../backends/backend'
import type { Budget } from '../limits/budget'
import { jsonList } from '../wire/json-list'
import { serializeFeed, serializeRow } from '../wire/serialize-feed'
import { FeedMessage } from './feed-message'
import { revisionId } from './own-edits'

export interface SharedPageOptions {
  page: FeedPage
  /** The cursor that the page continues. */
  from: number
  /** Epoch milliseconds. */
  serverTime: number
  /** Counts the page's bytes for all users, once, as long as anybody holds the page. */
  budget?: Budget
}

/** About what a row takes in memory beside its bytes in the message. */
const ROW_OVERHEAD_BYTES = 100
/** About what a transport adds to a message. */
const FORM_BYTES = 64

/**
 * A page of the feed as a message. It is encoded once, and all readers at the same place of the feed get the same bytes. The rows themselves
 * are not kept.
 */
export class SharedPage {
  readonly page: Omit<FeedPage, 'rows'>
  readonly rowCount: number
  /** Bytes that it takes in memory. */
  readonly size: number
  readonly #all: FeedMessage
  /** The `revisionId` of each row. */
  readonly #ids: readonly string[]
  /** The range of bytes of each row in the message. */
  readonly #places: readonly (readonly [start: number, end: number])[]
  readonly #budget: Budget | undefined
  #holders = 0
  #giveBack: (() => void) | undefined

  constructor({ page: { rows, ...page }, from, serverTime, budget }: SharedPageOptions) {
    this.page = page
    this.rowCount = rows.length
    this.#budget = budget
    this.#ids = rows.map(row => revisionId(row.tableName, row.pk, row.stamp))
    const texts = rows.map(row => Buffer.from(serializeRow(row, true)))
    const data = serializeFeed(page, { changes: jsonList(texts), serverTime, from })
    this.#all = page.requiresRescan ? new FeedMessage('rescan', data) : new FeedMessage('changes', data, page.nextCursor)
    this.#places = placesOf(texts, data.indexOf('[') + 1)
    this.size = this.#ids.reduce((size, id) => size + id.length + ROW_OVERHEAD_BYTES, data.byteLength + FORM_BYTES)
  }

  /** The message, without the rows whose ids are in `own`. */
  message(own?: { has: (id: string) => boolean }): FeedMessage {
    if (!own || !this.#ids.some(id => own.has(id))) return this.#all
    const { kind, data, id } = this.#all
    const kept = this.#places.filter((_, index) => !own.has(this.#ids[index]!)).map(([start, end]) => data.subarray(start, end))
    // `jsonList` adds both brackets, so the bracket before the first row and the one after the last are left out here.
    return new FeedMessage(kind, Buffer.concat([data.subarray(0, this.#places[0]![0] - 1), ...jsonList(kept), data.subarray(this.#places.at(-1)![1] + 1)]), id)
  }

  /** Counts a holder of the page. @returns what ends the hold; call it once */
  hold(): () => void {
    if (this.#holders++ === 0) this.#giveBack = this.#budget?.share(this.size)
    return () => {
      if (--this.#holders === 0) this.#giveBack?.()
    }
  }
}

function placesOf(texts: readonly Buffer[], from: number): [number, number][] {
  let start = from
  return texts.map((text) => {
    const end = start + text.byteLength
    const place: [number, number] = [start, end]
    // The comma takes one byte.
    start = end + 1
    return place
  })
}
