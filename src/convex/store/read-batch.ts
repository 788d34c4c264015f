import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import type { PushMemory } from '#or3-sync/shared/sync/store/push-memory'
import { recordKey } from '#or3-sync/shared/sync/store/record-row'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import { findCounter } from './find-counter'
import { readWriters } from './push-memories'
import type { StoredWriter } from './push-memories'
import type { SyncDoc, SyncReader } from './sync-data-model'
import { toRow } from './to-row'

/** What a batch meets in the store. */
export interface StoredBatch {
  counter: SyncDoc<'sync_counters'> | null
  /** The workspace's version before the batch. */
  version: number
  docs: ReadonlyMap<string, SyncDoc<'change_log'>>
  /** Rows whose payload is null until it has been loaded; looking at it notes that it is wanted. */
  rows: ReadonlyMap<string, RecordRow>
  writers: ReadonlyMap<string, StoredWriter>
  remembered: ReadonlyMap<string, PushMemory>
  /** UTF-8 bytes of the payloads that are wanted, or stand at one of these keys. */
  storedBytes(keys: readonly string[]): number
  /** Reads what is wanted. */
  loadPayloads(): Promise<void>
}

/** The counter, the rows and the writers of a batch, in one go. */
export async function readBatch(db: SyncReader, { workspaceId, userId, items }: { workspaceId: string, userId: string, items: readonly PushItem[] }): Promise<StoredBatch> {
  const [counter, docs, writers] = await Promise.all([
    findCounter(db, workspaceId),
    readDocs(db, workspaceId, items),
    readWriters(db, { workspaceId, userId, items }),
  ])
  const payloads = new Map<string, string>()
  const wanted = new Set<string>()
  const rows = new Map([...docs].map(([key, doc]) => [key, lazyRow(doc, () => {
    wanted.add(key)
    return payloads.get(key) ?? null
  })]))
  return {
    counter,
    version: counter?.value ?? 0,
    docs,
    rows,
    writers,
    remembered: new Map([...writers].map(([node, { memory }]) => [node, memory])),
    storedBytes: keys => [...new Set([...wanted, ...keys])].reduce((sum, key) => sum + (docs.get(key)?.payload_bytes ?? 0), 0),
    async loadPayloads() {
      await Promise.all([...wanted].map(async (key) => {
        const id = docs.get(key)!.payload_id
        if (id === undefined || payloads.has(key)) return
        const payload = await db.get(id)
        if (payload) payloads.set(key, payload.json)
      }))
    },
  }
}

async function readDocs(db: SyncReader, workspaceId: string, items: readonly PushItem[]): Promise<Map<string, SyncDoc<'change_log'>>> {
  const records = new Map<string, { tableName: string, pk: string }>()
  for (const item of items) {
    const record = item.kind === 'op' ? item : item.record
    if (record) records.set(recordKey(record.tableName, record.pk), record)
  }
  const found = await Promise.all([...records].map(async ([key, { tableName, pk }]) => {
    const doc = await db.query('change_log')
      .withIndex('by_record', q => q.eq('workspace_id', workspaceId).eq('table_name', tableName).eq('pk', pk))
      .unique()
    return [key, doc] as const
  }))
  const docs = new Map<string, SyncDoc<'change_log'>>()
  for (const [key, doc] of found) if (doc) docs.set(key, doc)
  return docs
}

function lazyRow(doc: SyncDoc<'change_log'>, payload: () => string | null): RecordRow {
  const row = toRow(doc, null)
  if (doc.payload_id !== undefined) Object.defineProperty(row, 'payload', { enumerable: true, get: payload })
  return row
}
