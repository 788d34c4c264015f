import { Readable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SyncBackend } from '../backends/backend'
import { serializeRow } from '../wire/serialize-feed'

/** Read at a time: so little that others hardly have to wait. */
const SLICE_ROWS = 500
const SLICE_BYTES = 128 * 1024

/**
 * The workspace's records without deleted ones, as NDJSON. The next slice is read when the reader has taken the last. It is a Node stream,
 * because h3 sends those at the reader's pace, but reads web streams as fast as it can.
 */
export function exportWorkspace(backend: SyncBackend, workspaceId: string): Readable {
  return Readable.from(readSlices(backend, workspaceId), { objectMode: false, highWaterMark: SLICE_BYTES })
}

async function* readSlices(backend: SyncBackend, workspaceId: string): AsyncGenerator<Buffer> {
  for (let cursor = 0, hasMore = true; hasMore;) {
    const page = await backend.pull({ workspaceId, cursor, limit: SLICE_ROWS, order: 'asc', bootstrap: true, maxBytes: SLICE_BYTES })
    ;({ nextCursor: cursor, hasMore } = page)
    if (page.requiresRescan) throw new Error('[or3-sync] the workspace was erased, or the store restored, during its export')
    if (page.rows.length > 0) yield Buffer.concat(page.rows.map(row => Buffer.from(`${serializeRow(row, true)}\n`)))
    await nextTurn()
  }
}
