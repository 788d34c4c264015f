import { PULL_MAX_LIMIT, PULL_PAGE_BYTES } from '#or3-sync/shared/sync/limits'
import type { SyncBackend } from './backend'
import { serializeRow } from './serialize-feed'

/** The workspace's records, deleted ones left out, as NDJSON. One page is read whenever the reader has taken the one before. */
export function exportWorkspace(backend: SyncBackend, workspaceId: string): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let cursor = 0
  return new ReadableStream({
    async pull(controller) {
      // A page without rows says nothing, and the stream asks again only for what it has been given.
      for (let hasMore = true; hasMore;) {
        const page = await backend.pull({ workspaceId, cursor, limit: PULL_MAX_LIMIT, order: 'asc', bootstrap: true, maxBytes: PULL_PAGE_BYTES })
        ;({ nextCursor: cursor, hasMore } = page)
        if (page.requiresRescan) throw new Error('[or3-sync] the workspace was erased, or the store restored, during its export')
        if (page.rows.length > 0) controller.enqueue(encoder.encode(page.rows.map(row => `${serializeRow(row, true)}\n`).join('')))
        if (hasMore && page.rows.length > 0) return
      }
      controller.close()
    },
  })
}
