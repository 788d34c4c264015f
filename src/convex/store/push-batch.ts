import type { StandardSchemaV1 } from '@standard-schema/spec'
import { laterPurge } from '#or3-sync/shared/sync/store/collectable'
import { addCommit, decodeHistory, knowsMarks, newestMark } from '#or3-sync/shared/sync/store/commit-history'
import { foldPlan } from '#or3-sync/shared/sync/store/fold-push'
import type { FoldedResult, FoldOutput } from '#or3-sync/shared/sync/store/fold-output'
import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import { planPush } from '#or3-sync/shared/sync/store/plan-push'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import { CONVEX_PUSH_MAX_BYTES, CONVEX_PUSH_MAX_OPS, CONVEX_REPLACED_BYTES, OVERWROTE_REPLY_TEXT } from '#or3-sync/shared/sync/protocol/limits'
import { compareRevisions } from '#or3-sync/shared/sync/protocol/revision'
import type { Revision } from '#or3-sync/shared/sync/protocol/revision'
import { utf8Length } from '#or3-sync/shared/sync/protocol/utf8-length'
import { refuse } from '../refuse'
import type { SyncFunctionOptions } from '../sync-options'
import { materializeRows } from './materialize-rows'
import type { RefusedRow } from './materialize-rows'
import { encodeMemory, saveMemories } from './push-memories'
import { readBatch } from './read-batch'
import type { StoredBatch } from './read-batch'
import type { SyncWriter } from './sync-data-model'
import { writeBatch } from './write-batch'

export interface ConvexPush {
  workspaceId: string
  userId: string
  items: PushItem[]
  /** Epoch milliseconds. */
  now: number
  /** Epoch milliseconds: deletions before may have been purged, whatever the workspace's own note says. */
  purgedBefore?: number
  /** The newest mark that the writer was told. */
  mark?: string
}

type Folded = Extract<FoldOutput, { status: 'folded' }>

/**
 * One batch in the mutation's transaction: reads, lets `planPush` and `foldPlan` decide, writes. `previous`: what `foldPlan` says of each written
 * row, by version.
 *
 * @throws ConvexError `OVERSIZED` when fewer ops would pass.
 */
export async function pushBatch<Tables extends Record<string, StandardSchemaV1>>(
  db: SyncWriter,
  { schema, materialize }: Pick<SyncFunctionOptions<never, Tables>, 'schema' | 'materialize'>,
  push: ConvexPush,
): Promise<{ results: FoldedResult[], serverVersion: number, applied: number, mark: string | undefined, restored: boolean, previous: ReadonlyMap<number, Revision | null> }> {
  if (push.items.length > CONVEX_PUSH_MAX_OPS) throw tooLarge(`a batch has at most ${CONVEX_PUSH_MAX_OPS} ops`)
  if (push.items.length > 1 && broughtBytes(push.items) > CONVEX_PUSH_MAX_BYTES) throw tooLarge(`a batch brings at most ${CONVEX_PUSH_MAX_BYTES} bytes`)
  const batch = await readBatch(db, push)
  let { items } = push
  let fold = await decide(batch, { ...push, items })
  let writes = fold.writes
  for (;;) {
    const refused = await materializeRows(db, { schema, targets: materialize, workspaceId: push.workspaceId, writes })
    if (refused.size === 0) break
    // The app's table does not take these rows: their ops go back to their device, the others go through, also earlier ones of the same record.
    items = items.map(item => item.kind === 'op' ? refuseRow(item, refused) : item)
    fold = await decide(batch, { ...push, items })
    writes = fold.writes.filter(row => refused.has(recordKey(row.tableName, row.pk)))
  }
  const memories = [...fold.remembered].map(([node, memory]) => ({ node, text: encodeMemory(memory, items.length) }))
  const before = decodeHistory(batch.counter?.commits)
  const commits = fold.applied > 0 ? addCommit(before, fold.version, push.now) : before
  await Promise.all([writeBatch(db, batch, { ...fold, commits }, push), saveMemories(db, batch, memories, push)])
  return {
    results: fold.results, serverVersion: fold.version, applied: fold.applied, mark: newestMark(commits), restored: push.mark !== undefined && !knowsMarks(before, push.mark),
    previous: new Map(fold.writes.map(({ serverVersion }, index) => [serverVersion, fold.previous[index]!])),
  }
}

async function decide(batch: StoredBatch, { items, now, purgedBefore }: ConvexPush): Promise<Folded> {
  const plan = planPush({
    version: batch.version, rows: batch.rows, remembered: batch.remembered, items, now,
    purgedBefore: laterPurge(purgedBefore, batch.counter?.purged_before),
  })
  const written = plan.writes.map(row => recordKey(row.tableName, row.pk))
  const refuseTooMuch = (keys: readonly string[]) => {
    if (items.length > 1 && batch.storedBytes(keys) > CONVEX_REPLACED_BYTES) throw tooLarge(`the stored edits that a batch replaces or is answered with have at most ${CONVEX_REPLACED_BYTES} bytes`)
  }
  const answers = foldPlan(plan)
  let step = answers.next()
  while (!step.done) {
    refuseTooMuch([...written, ...step.value])
    step = answers.next(await batch.readPayloads(step.value))
  }
  if (step.value.status === 'too-large') throw tooLarge(`the edits that a batch replaces have at most ${OVERWROTE_REPLY_TEXT} characters`)
  refuseTooMuch(written)
  return step.value
}

function broughtBytes(items: readonly PushItem[]): number {
  return items.reduce((sum, item) => sum + (item.kind === 'op' && item.payload !== null ? utf8Length(item.payload) : 0), 0)
}

function refuseRow(item: Extract<PushItem, { kind: 'op' }>, refused: ReadonlyMap<string, RefusedRow>): PushItem {
  const found = refused.get(recordKey(item.tableName, item.pk))
  if (!found || compareRevisions(item.stamp, found.stamp) !== 0) return item
  return { kind: 'rejected', opId: item.stamp.opId, errorCode: 'VALIDATION_ERROR', error: found.error, record: { tableName: item.tableName, pk: item.pk } }
}

function tooLarge(message: string) {
  return refuse('OVERSIZED', `${message}; send fewer ops`)
}
