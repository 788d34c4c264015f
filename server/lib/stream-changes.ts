import type { EventStream } from './event-stream'
import type { WakeSignal } from './wake-signal'
import type { WorkspaceFeed } from './workspace-feed'

export interface StreamPlace {
  userId: string
  cursor: number
  tables?: readonly string[]
  /** HLC node under which the reader stamps since it started: once it has caught up, what that node wrote is not sent back. */
  node?: string
  /** Whether the reader is still signed in and a member. Asked before anything is sent that was not there when the stream began. */
  mayRead: () => Promise<boolean>
}

/**
 * Sends the backlog, then every commit as it happens, until the reader goes.
 * Reads on only when the reader has taken the page before: a slow reader costs one page of memory, and what
 * it missed meanwhile reaches it as the latest state. `signal` rings at commits, when either side closes, and when it is
 * time to look again whether the reader may be here. One who may not any more is told by the end of the stream: coming back, it
 * gets a proper answer.
 */
export async function streamChanges(stream: EventStream, feed: WorkspaceFeed, place: StreamPlace, signal: WakeSignal, onSent: (rows: number) => void): Promise<void> {
  let { cursor } = place
  let epoch: string | undefined
  // Of the page before: a store that is restored while the stream is open tells by it.
  let mark: string | undefined
  let live = false
  let isFirst = true
  while (!stream.closed && !feed.closed) {
    signal.reset()
    const shared = await feed.page({ cursor, tables: place.tables, mark }, place.userId)
    const { page } = shared
    // After the page was read: what was committed since the membership ended is in a page that was read after its end.
    if (!isFirst && !await place.mayRead()) return
    isFirst = false
    if (page.requiresRescan) {
      await stream.send('rescan', shared.text())
      return
    }
    // The first page is sent even when it is empty: it says that the reader is up to date.
    if (page.rows.length > 0 || page.nextCursor !== cursor || page.epoch !== epoch) {
      await stream.send('changes', shared.text(live ? place.node : undefined), page.nextCursor)
      onSent(page.rows.length)
    }
    cursor = page.nextCursor
    epoch = page.epoch
    mark = page.mark
    if (page.hasMore) continue
    live = true
    await signal.wait()
  }
}
