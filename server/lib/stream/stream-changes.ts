import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkUnderWay } from '../limits/work-under-way'
import type { FeedSink } from './feed-sink'
import type { OwnEdits } from './own-edits'
import type { WakeSignal } from './wake-signal'
import type { WorkspaceFeed } from './workspace-feed'

export interface StreamPlace {
  userId: string
  cursor: number
  tables?: readonly string[]
  /** What the reader pushes meanwhile: once it has caught up, that is not sent back. */
  own?: OwnEdits
  /** Whether the reader is still signed in and a member. Asked before anything is sent that was not there when the stream began. */
  mayRead: () => Promise<boolean>
  /** Counts what is sent. @returns milliseconds to wait before anything else is read */
  onSent: (rows: number, bytes: number) => number
}

/** For how long it counts that the reader was let in, in milliseconds. */
const FRESH_MS = 1_000
/** What a page takes at most, but for single rows that are larger, in bytes. */
const PAGE_ROOM = 1024 * 1024

/**
 * Sends the backlog, then every commit as it happens, until the reader goes.
 * Reads on only when the reader has taken the page before, and while its user's streams do not hold too much: a slow reader costs one page of
 * memory, and what it missed meanwhile reaches it as the latest state. `signal` rings at commits, when either side closes, and when it is
 * time to look again whether the reader may be here. One who may not any more is told by the end of the stream: coming back, it
 * gets a proper answer.
 */
export async function streamChanges(sink: FeedSink, feed: WorkspaceFeed, place: StreamPlace, signal: WakeSignal, work: WorkUnderWay): Promise<void> {
  let { cursor } = place
  let epoch: string | undefined
  // Of the page before: a store that is restored while the stream is open tells by it.
  let mark: string | undefined
  let live = false
  const beganAt = performance.now()
  let isFirst = true
  while (!sink.closed && !feed.closed) {
    signal.reset()
    const room = await work.streams.take(place.userId, PAGE_ROOM, { signal: () => sink.signal })
    if (room.status === 'full') return
    let letGo = () => {}
    let hasMore: boolean
    let restMs = 0
    try {
      await work.streamTurns.take(place.userId)
      // Who had to wait for room was let in some time ago.
      isFirst &&= performance.now() - beganAt < FRESH_MS
      const shared = await feed.page({ cursor, tables: place.tables, mark }, place.userId)
      const { page } = shared
      letGo = shared.hold()
      room.holding.resize(shared.size, 0)
      hasMore = page.hasMore
      // After the page was read: what was committed since the membership ended is in a page that was read after its end.
      if (!isFirst && !await place.mayRead()) return
      isFirst = false
      if (page.requiresRescan) return void await sink.send(shared.message())
      // The first page is sent even when it is empty: it says that the reader is up to date.
      if (shared.rowCount > 0 || page.nextCursor !== cursor || page.epoch !== epoch) {
        const message = shared.message(live ? place.own : undefined)
        const ownBytes = message === shared.message() ? 0 : message.data.byteLength
        room.holding.resize(shared.size + ownBytes, ownBytes)
        restMs = place.onSent(shared.rowCount, await sink.send(message))
      }
      cursor = page.nextCursor
      epoch = page.epoch
      mark = page.mark
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
