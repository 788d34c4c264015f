import { DatabaseSync } from 'node:sqlite'
import { sqliteBackend } from 'or3-sync/server'
import { WORKSPACE } from '../workspace.ts'
import type { StoreContent } from './store-content.ts'

/** Opens the store as the server does, reads all of it and closes it. @throws Error when it cannot be opened or read */
export async function readStore(path: string): Promise<StoreContent> {
  const backend = sqliteBackend({ path })
  const content: StoreContent = { integrity: '', version: 0, records: new Map() }
  try {
    for (let cursor = 0, hasMore = true; hasMore;) {
      const page = await backend.pull({ workspaceId: WORKSPACE, cursor, limit: 2_000, order: 'asc', bootstrap: false, maxBytes: 2 ** 24 })
      for (const { tableName, pk, serverVersion, stamp } of page.rows) content.records.set(`${tableName}/${pk}`, { clock: stamp.clock, opId: stamp.opId, version: serverVersion })
      ;({ hasMore, nextCursor: cursor, latestVersion: content.version } = page)
    }
  }
  finally { await backend.close?.() }
  const db = new DatabaseSync(path)
  try { content.integrity = db.prepare('PRAGMA integrity_check').all().map(row => String(Object.values(row)[0])).join('; ') }
  finally { db.close() }
  return content
}
