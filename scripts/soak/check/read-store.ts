import { WORKSPACE } from '../workspace.ts'

export interface StoredRecord {
  opId: string
  clock: number
  /** Null: deleted. */
  row: Record<string, unknown> | null
}

/** Reads the whole feed over HTTP. @returns the records by `table/pk`, and the latest server version */
export async function readStore(port: number): Promise<{ records: Map<string, StoredRecord>, version: number }> {
  const records = new Map<string, StoredRecord>()
  for (let cursor = 0; ;) {
    const response = await fetch(`http://127.0.0.1:${port}/api/sync/pull`, {
      method: 'POST', headers: { 'content-type': 'application/json', 'x-user': 'reader' }, body: JSON.stringify({ scope: { workspaceId: WORKSPACE }, cursor, limit: 2_000 }),
    })
    if (response.status !== 200) throw new Error(`the store cannot be read: ${response.status} ${await response.text()}`)
    const page = await response.json() as { changes: { tableName: string, pk: string, payload?: Record<string, unknown>, stamp: { opId: string, clock: number } }[], nextCursor: number, hasMore: boolean, latestVersion: number }
    for (const { tableName, pk, payload, stamp: { opId, clock } } of page.changes) records.set(`${tableName}/${pk}`, { opId, clock, row: payload ?? null })
    if (!page.hasMore) return { records, version: page.latestVersion }
    cursor = page.nextCursor
  }
}
