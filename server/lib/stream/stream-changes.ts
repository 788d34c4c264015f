import { setTimeout as sleep } from 'node:timers/promises'
import type { BackendReader } from '../backends/backend'
import type { WorkUnderWay } from '../limits/work-under-way'
import type { FeedSink } from './feed-sink'
import type { OwnEdits } from './own-edits'
import type { WakeSignal } from './wake-signal'
import type { WorkspaceFeed } from './workspace-feed'

export interface StreamPlace extends BackendReader {
  cursor: number
  tables?: readonly string[]
  /** The edits that the reader pushes meanwhile. Once it has caught up, they are not sent back. */
  own?: OwnEdits
  /** Whether the reader is still signed in and a member. Asked before each send, but for the first page of a stream that has just begun. */
  mayRead: () => Promise<boolean>
  /** Counts what is sent. @returns milliseconds to wait before anything else is read */
  onSent: (rows: number, bytes: number) => number
}

/** How long the check at the start of the stream is good for, in milliseconds. */
const FRESH_MS = 1_000
/** Bytes reserved for a page. A page exceeds it only if it has a single row that is larger. */
const PAGE_ROOM = 1024 * 1024

/**
 * Sends the backlog, then every commit as it happens, until the reader goes.
 *
 * - It reads a page when the reader has taken the one before and the user's streams do not hold too much. So a slow reader costs one page of
 *   memory. It gets the latest state of what it missed.
 * - `signal` rings at commits, when either side closes, and when the membership is to be checked again.
 * - If the reader is no longer a member, the stream just ends. The reader comes back and gets a proper answer.
 */
export async function streamChanges(sink: FeedSink, feed: WorkspaceFeed, place: StreamPlace, signal: WakeSignal, work: WorkUnderWay): Promise<void> {
  let { cursor } = place
  let epoch: string | undefined
  // The mark of the page before. It shows the store whether it was restored while the stream is open.
  let mark: string | undefined
  let seen: number | undefined
  // Whether the reader was told that there is more. Then it waits for the end, even if that page is empty.
  let hasMore = false
  let live = false
  const beganAt = performance.now()
  let isFirst = true
  while (!sink.closed && !feed.closed) {
    signal.reset()
    const room = await work.streams.take(place.userId, PAGE_ROOM, { signal: () => sink.signal })
    if (room.status === 'full') return
    let letGo = () => {}
    let restMs = 0
    try {
      await work.streamTurns.take(place.userId)
      // After a long wait for room, the check at the start of the stream is too old.
      isFirst &&= performance.now() - beganAt < FRESH_MS
      const shared = await feed.page({ cursor, tables: place.tables, mark, seen }, place)
      const { page } = shared
      letGo = shared.hold()
      room.holding.resize(shared.size, 0)
      // Checked after the page was read. If checked before, the page could hold commits made after the membership ended.
      if (!isFirst && !await place.mayRead()) return
      isFirst = false
      if (page.requiresRescan) return void await sink.send(shared.message())
      // The first page is sent even when it is empty: it tells the reader that it is up to date.
      if (shared.rowCount > 0 || page.nextCursor !== cursor || page.epoch !== epoch || hasMore) {
        const message = shared.message(live ? place.own : undefined)
        const ownBytes = message === shared.message() ? 0 : message.data.byteLength
        room.holding.resize(shared.size + ownBytes, ownBytes)
        restMs = place.onSent(shared.rowCount, await sink.send(message))
      }
      cursor = page.nextCursor
      epoch = page.epoch
      mark = page.mark
      seen = page.latestVersion
      hasMore = page.hasMore
    }
    finally {
      letGo()
      room.holding.release()
    }
    await rest(restMs, sink.signal)
    if (hasMore) continue
    live = true
    await signal.wait()
  }
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await sleep(ms, undefined, { signal, ref: false }).catch(() => {})
}
