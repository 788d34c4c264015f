import { ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import { PUSH_MAX_OPS } from '../../../shared/sync/protocol/limits'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import { isUpgradedRevision } from '../../../shared/sync/protocol/upgraded-stamp'
import { applyTransaction } from '../records/apply-transaction'
import type { BootstrapState, OutboxOp, OutboxRecord, QuarantineRecord, TombstoneRecord } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import type { EngineContext } from '../context/engine-context'
import { isPrivate } from '../context/exclusion'
import { OutboxView } from '../queue/outbox-view'
import { recordKey } from '../../../shared/sync/protocol/record-key'
import { epochOf, type CursorManager } from '../progress/cursor-manager'
import { isMissing } from '../rows/is-missing'
import { markLost } from '../merge/lost-changes'
import { changeWishes } from '../progress/refetch-wishes'
import { readMarks, type MarkedRecords } from '../progress/walk-marks'
import { storedRows, type StoredRow } from '../records/stored-rows'

interface SweepOptions {
  tables: readonly string[]
  /** Whether rows that an upgrade made may be sent: a viewer may not. */
  canWrite: boolean
  /** Throws when another tab has walked meanwhile: what this walk has seen is out of date then. Called within the transaction. */
  checkWalk: () => Promise<void>
}

/**
 * At the end of a walk, decides what becomes of local rows that the store does not have. Usually they were deleted, and are removed here. In
 * tables that were last fetched before the store was restored, the store has lost them, and they are queued again.
 *
 * @returns whether edits may have been queued.
 * @throws OvertakenError when another tab has walked meanwhile.
 */
export async function sweepWalked(context: EngineContext, cursors: CursorManager, state: BootstrapState): Promise<boolean> {
  if (state.sweep === 'none') return false
  const stored = await cursors.stored()
  const hasLost = (name: string) => state.sweep === 'requeue' || isOther(epochOf(stored, name), state.epoch)
  const checkWalk = async () => cursors.checkWalk(await cursors.stored(), state)
  const canWrite = context.canWrite()
  await sweepMissing(context, { tables: state.tables.filter(name => !hasLost(name)), canWrite, checkWalk })
  await requeueMissing(context, { tables: state.tables.filter(hasLost), canWrite, checkWalk })
  return true
}

function isOther(epoch: string | undefined, now: string | undefined): boolean {
  return epoch !== undefined && now !== undefined && epoch !== now
}

/**
 * Removes rows that the store no longer has. Rows with an edit in the outbox (pending, held or refused) stay, and so do rows that were never
 * synced.
 *
 * Rows that came since the walk began stay as well. They came with a page of the walk (seen), by an edit here (in the outbox, or pushed since),
 * or with the reply to a push.
 */
async function sweepMissing(context: EngineContext, options: SweepOptions): Promise<void> {
  const { db } = context
  if (!options.tables.length) return
  await applyTransaction(db, [...options.tables, ENGINE_TABLES.pendingOps, ENGINE_TABLES.quarantine, ENGINE_TABLES.state], async () => {
    await options.checkWalk()
    const [outbox, marks] = [new OutboxView(await db.pending_ops.toArray()), await readMarks(db)]
    for (const name of options.tables) {
      const gone = await missingRows(context, context.schema.tables[name]!, { outbox, marks, ...options })
      // These are queued, not removed. A row that an upgrade made may never have reached the store. A row of which the store has a lower
      // revision is one that the store has lost.
      const isQueued = ({ row, isAbsent }: MissingRow) => !isAbsent || isUpgraded(row)
      await storedRows(db, name).bulkDelete(gone.filter(row => !isQueued(row)).map(({ pk }) => pk))
      await queueOps(context, name, gone.filter(isQueued).map(asPut))
    }
    if (options.canWrite) await changeWishes(db, { endAsWriter: options.tables })
    // A quarantined change that the store no longer has must not come back from here, unless a restored store has lost it.
    await forgetSetAside(db, options.tables, ({ key, isLost }) => !isLost && !marks.seen.has(key) && !marks.pushed.has(key))
    await markGone(db, options.tables, marks)
  })
}

async function forgetSetAside({ sync_quarantine }: EngineDatabase, tables: readonly string[], isForgotten: (record: Pick<QuarantineRecord, 'reason' | 'isLost'> & { key: string }) => boolean): Promise<void> {
  await sync_quarantine.filter(({ tableName, pk, reason, isLost }) => tables.includes(tableName) && isForgotten({ key: recordKey(tableName, pk), reason, isLost })).delete()
}

/**
 * After a restore of the store: queues every row and every delete again that the store lacks, or has in a lower revision. Nothing is removed.
 * Quarantined changes are queued once they can be applied.
 */
async function requeueMissing(context: EngineContext, options: SweepOptions): Promise<void> {
  const { db } = context
  if (!options.tables.length) return
  await applyTransaction(db, [...options.tables, ENGINE_TABLES.pendingOps, ENGINE_TABLES.tombstones, ENGINE_TABLES.quarantine, ENGINE_TABLES.state], async () => {
    await options.checkWalk()
    const outbox = new OutboxView(await db.pending_ops.toArray())
    // A push reply during the walk is no reason to leave a row out: whatever is higher here has to be sent.
    const heard = await readMarks(db)
    const marks = { ...heard, pushed: new Set<string>() }
    for (const name of options.tables) {
      const rows = await missingRows(context, context.schema.tables[name]!, { outbox, marks, ...options })
      const tombstones = await db.tombstones.where('[tableName+pk]').between([name], [name, []]).toArray()
      const lost = tombstones.filter(({ pk, clock, hlc, op_id, isGivenUp }) => {
        const key = recordKey(name, pk)
        return !isGivenUp && isMissing({ here: { clock, hlc, opId: op_id }, theirs: marks.seen.get(key), isWaiting: outbox.entries(key).length > 0, isAnswered: false })
      })
      // The store has lost these deletes. Without `syncedAt`, GC keeps the tombstones until the store has them again.
      await db.tombstones.bulkPut(lost.map(({ syncedAt: _, ...tombstone }) => tombstone))
      await queueOps(context, name, [...rows.map(asPut), ...lost.map(asDelete)])
    }
    if (options.canWrite) await changeWishes(db, { endAsWriter: options.tables })
    await markLost(db, options.tables, marks.seen)
    await markGone(db, options.tables, heard)
  })
}

/**
 * Marks the remote revisions beside refused edits that the store no longer has. A retry still has to rise above such a revision, but a discard
 * must not bring its row back.
 */
async function markGone({ pending_ops }: EngineDatabase, tables: readonly string[], { seen, pushed }: MarkedRecords): Promise<void> {
  await pending_ops.where('status').equals('failed').filter(({ tableName, ops, failure }) => {
    const key = recordKey(tableName, ops[0]!.pk)
    return failure?.remote !== undefined && tables.includes(tableName) && !seen.has(key) && !pushed.has(key)
  }).modify((record) => { record.failure!.isRemoteGone = true })
}

async function queueOps({ outbox, env }: EngineContext, tableName: string, ops: readonly OutboxOp[]): Promise<void> {
  const records: OutboxRecord[] = []
  for (let start = 0; start < ops.length; start += PUSH_MAX_OPS) {
    records.push({ tableName, status: 'pending', createdAt: env.clock.now(), ops: ops.slice(start, start + PUSH_MAX_OPS) })
  }
  if (records.length) await outbox.add(records)
}

/** `requeued`: this is an old revision for a store that has lost it, and not a new edit. It never rises above what has arrived meanwhile. */
function asPut({ pk, row }: MissingRow): OutboxOp {
  return { pk, op: 'put', clock: row.clock!, hlc: row.hlc!, opId: row.op_id!, requeued: true }
}

function asDelete({ pk, clock, hlc, op_id }: TombstoneRecord): OutboxOp {
  return { pk, op: 'delete', clock, hlc, opId: op_id, requeued: true }
}

interface MissingRow {
  pk: string
  row: StoredRow
  /** Whether the store did not tell of it at all. Otherwise it told of a lower revision. */
  isAbsent: boolean
}

/**
 * Synced rows that the store did not tell of, or only in a lower revision. For a viewer, rows that an upgrade made are left out: they are not
 * sent, and their table is fetched again once the user may write.
 */
async function missingRows(context: EngineContext, table: SyncTable, { outbox, marks, canWrite }: { outbox: OutboxView, marks: MarkedRecords, canWrite: boolean }): Promise<MissingRow[]> {
  const missing: MissingRow[] = []
  await storedRows(context.db, table.name).each((row) => {
    const pk = row[table.primaryKey] as string
    const key = recordKey(table.name, pk)
    if (row.op_id === undefined || isPrivate(context, table, row)) return
    const here = { clock: row.clock ?? 0, hlc: row.hlc ?? '', opId: row.op_id }
    const theirs = marks.seen.get(key)
    const isGone = isMissing({ here, theirs, isWaiting: outbox.entries(key).length > 0, isAnswered: marks.pushed.has(key) })
    if (isGone) missing.push({ pk, row, isAbsent: !theirs })
  })
  if (canWrite) return missing
  const settled = missing.filter(({ row }) => !isUpgraded(row))
  if (settled.length < missing.length) await changeWishes(context.db, { addAsWriter: [table.name] })
  return settled
}

function isUpgraded({ clock = 0, hlc = '' }: MissingRow['row']): boolean {
  return isUpgradedRevision({ clock, hlc })
}
