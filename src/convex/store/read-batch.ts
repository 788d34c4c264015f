import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import type { PushMemory } from '#or3-sync/shared/sync/store/push-memory'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import type { FoundRow } from '#or3-sync/shared/sync/store/record-row'
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
  rows: ReadonlyMap<string, FoundRow>
  writers: ReadonlyMap<string, StoredWriter>
  remembered: ReadonlyMap<string, PushMemory>
  /** UTF-8 bytes of the payloads that stand at these keys, or were read before. */
  storedBytes(keys: readonly string[]): number
  /** Each is read once. */
  readPayloads(keys: readonly string[]): Promise<ReadonlyMap<string, string>>
}

/** The counter, the rows and the writers of a batch, in one go. */
export async function readBatch(db: SyncReader, { workspaceId, userId, items }: { workspaceId: string, userId: string, items: readonly PushItem[] }): Promise<StoredBatch> {
  const [counter, docs, writers] = await Promise.all([
    findCounter(db, workspaceId),
    readDocs(db, workspaceId, items.flatMap(item => item.kind === 'op' ? item : item.record ?? [])),
    readWriters(db, { workspaceId, userId, items }),
  ])
  const payloads = new Map<string, string>()
  return {
    counter,
    version: counter?.value ?? 0,
    docs,
    rows: new Map([...docs].map(([key, doc]) => [key, toFoundRow(doc)])),
    writers,
    remembered: new Map([...writers].map(([node, { memory }]) => [node, memory])),
    storedBytes: keys => [...new Set([...payloads.keys(), ...keys])].reduce((sum, key) => sum + (docs.get(key)?.payload_bytes ?? 0), 0),
    async readPayloads(keys) {
      await Promise.all(keys.map(async (key) => {
        const id = docs.get(key)?.payload_id
        if (id === undefined || payloads.has(key)) return
        const payload = await db.get(id)
        if (payload) payloads.set(key, payload.json)
      }))
      return payloads
    },
  }
}

/** The lines of these records, by record key. Those that do not exist are absent. */
export async function readDocs(db: SyncReader, workspaceId: string, wanted: readonly { tableName: string, pk: string }[]): Promise<Map<string, SyncDoc<'change_log'>>> {
  const records = new Map(wanted.map(record => [recordKey(record.tableName, record.pk), record]))
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

function toFoundRow(doc: SyncDoc<'change_log'>): FoundRow {
  const { payload, ...row } = toRow(doc, null)
  return doc.payload_id === undefined ? { ...row, payload } : { ...row, payloadBytes: doc.payload_bytes }
}
