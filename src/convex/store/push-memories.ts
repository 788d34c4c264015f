import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import { decodePushMemory, encodePushMemory, MEMORIES_PER_USER, writersOf } from '#or3-sync/shared/sync/store/push-memory'
import type { PushMemory } from '#or3-sync/shared/sync/store/push-memory'
import { utf8Length } from '#or3-sync/shared/sync/protocol/utf8-length'
import { MEMORIES_MAX_READ_BYTES, MEMORY_MAX_BYTES, MEMORY_MAX_OP_BYTES, MEMORY_MAX_WINNER_TEXT } from '../convex-limits'
import { refuse } from '../refuse'
import { deleteWithResults } from './delete-with-results'
import type { SyncDoc, SyncReader, SyncWriter } from './sync-data-model'

/** A writer of the user that the store knows. */
export interface StoredWriter {
  doc: SyncDoc<'sync_writers'>
  memory: PushMemory
}

interface Owner { workspaceId: string, userId: string }

/**
 * The writers that a batch needs, as far as they are known, by HLC node. How large their memories are is known before one is read: no
 * number of tabs, each of which has replaced a lot, makes a batch that Convex can never take.
 *
 * @throws ConvexError `OVERSIZED` when fewer ops would pass
 */
export async function readWriters(db: SyncReader, { workspaceId, userId, items }: Owner & { items: readonly PushItem[] }): Promise<Map<string, StoredWriter>> {
  const found = await Promise.all([...writersOf(items)].map(node => db.query('sync_writers')
    .withIndex('by_writer', q => q.eq('workspace_id', workspaceId).eq('user_id', userId).eq('node', node))
    .unique()))
  const docs = found.filter(doc => doc !== null)
  const bytes = docs.reduce((sum, doc) => sum + doc.results_bytes, 0)
  if (items.length > 1 && bytes > MEMORIES_MAX_READ_BYTES) throw refuse('OVERSIZED', `what the writers of a batch were last answered has at most ${MEMORIES_MAX_READ_BYTES} bytes; send fewer ops`)
  return new Map(await Promise.all(docs.map(async (doc): Promise<[string, StoredWriter]> =>
    [doc.node, { doc, memory: decodePushMemory((await db.get(doc.results_id))?.json ?? null) }])))
}

/**
 * A writer's memory as text that fits a document. Where one op is too much, the oldest answers go, and at last what that
 * op's own answer tells of earlier ones.
 *
 * @throws ConvexError `OVERSIZED`
 */
export function encodeMemory(memory: PushMemory, ops: number): string {
  let kept = memory
  for (;;) {
    const text = encodePushMemory(kept, MEMORY_MAX_WINNER_TEXT)
    if (utf8Length(text) <= (kept.size > 1 ? MEMORY_MAX_BYTES : MEMORY_MAX_OP_BYTES)) return text
    if (ops > 1) throw refuse('OVERSIZED', `the edits that a batch replaces have at most ${MEMORY_MAX_BYTES} bytes where they are remembered; send fewer ops`)
    kept = kept.size > 1 ? new Map([...kept].slice(Math.ceil(kept.size / 2))) : withoutUnheard(kept)
  }
}

function withoutUnheard(memory: PushMemory): PushMemory {
  return new Map([...memory].map(([fingerprint, result]) => [fingerprint, { ...result, unheard: undefined }]))
}

/** Stores what the writers were answered. For each new one the user's oldest goes, once there are too many. */
export async function saveMemories(
  db: SyncWriter,
  { writers }: { writers: ReadonlyMap<string, StoredWriter> },
  memories: readonly { node: string, text: string }[],
  { workspaceId, userId, now }: Owner & { now: number },
): Promise<void> {
  await Promise.all(memories.map(async ({ node, text }) => {
    const doc = writers.get(node)?.doc
    const fields = { seen_at: now, results_id: await writeResults(db, doc?.results_id, text), results_bytes: utf8Length(text) }
    await (doc ? db.patch(doc._id, fields) : db.insert('sync_writers', { workspace_id: workspaceId, user_id: userId, node, ...fields }))
  }))
  if (memories.some(({ node }) => !writers.has(node))) await forgetOldest(db, { workspaceId, userId }, new Set(memories.map(({ node }) => node)))
}

/** Only slim documents are read: how many there are counts, not how large they are. Each fits a document. */
async function forgetOldest(db: SyncWriter, { workspaceId, userId }: Owner, current: ReadonlySet<string>): Promise<void> {
  const known = await db.query('sync_writers')
    .withIndex('by_user', q => q.eq('workspace_id', workspaceId).eq('user_id', userId))
    .order('desc')
    .take(2 * MEMORIES_PER_USER)
  const oldest = known.slice(MEMORIES_PER_USER).filter(({ node }) => !current.has(node))
  await deleteWithResults(db, oldest.reverse())
}

async function writeResults(db: SyncWriter, id: SyncDoc<'sync_writers'>['results_id'] | undefined, json: string) {
  if (id === undefined) return await db.insert('sync_results', { json })
  await db.replace(id, { json })
  return id
}
