import type { Table } from 'dexie'
import { compareRevisions, nextClock, type Revision } from '../../../shared/sync/protocol/revision'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import type { ConflictRecord, ConflictSide, QuarantineRecord, TombstoneRecord, UnconfirmedEdit } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import { isOnlyHere, isPrivate } from '../context/exclusion'
import { isKnownBeside } from '../progress/given-up'
import { asOnlyHere } from '../rows/keep-here'
import type { OutboxEntry, OutboxView } from '../queue/outbox-view'
import { recordKey } from '../records/record-key'
import { conflictId } from '../records/conflict-id'
import { decideMerge } from './decide-merge'
import { isLostRevision, markFound } from './lost-changes'
import { nothingMerged, type MergeOutcome } from './merge-outcome'
import { isEmpty } from '../records/is-empty'
import type { StoredRow } from '../rows/row-revisions'
import { sideOf, type RemoteChange } from './remote-change'
import { isSameContent, plainRow } from '../rows/sync-payload-normalizer'
import { planApply, planTombstone, type TablePlan } from './table-plan'
import { confirm, readUnconfirmed } from '../progress/unconfirmed-edits'
import { storedRows } from '../records/stored-rows'

/** What is here of one record: its row, or a tombstone; both while the row is private. */
interface StoredState {
  row: StoredRow | undefined
  tombstone: TombstoneRecord | undefined
  setAside: QuarantineRecord | undefined
  unconfirmed: UnconfirmedEdit | undefined
  /** The change was set aside, and a restored store has lost it since. */
  isLost: boolean
}

/** What else may be kept of the records of a page. A merge that knows that there is nothing does not look. */
export interface MergeSurroundings {
  hasQuarantine: boolean
  hasUnconfirmed: boolean
  /** The changes come out of quarantine. Else they are the store's, which has them. */
  wereSetAside?: boolean
}

/**
 * Brings remote revisions together with what is here: the higher revision stays, the loser of a real conflict is kept.
 *
 * Must run in a transaction over the app's tables, `pending_ops`, `tombstones`, `sync_conflicts`, `sync_quarantine` and `sync_state`;
 * edits `outbox` in place, the caller saves it in the same transaction.
 */
export class ConflictResolver {
  constructor(private readonly context: EngineContext) {}

  async merge(changes: readonly RemoteChange[], outbox: OutboxView, surroundings: MergeSurroundings): Promise<MergeOutcome> {
    const outcome = nothingMerged()
    const quarantine: QuarantineRecord[] = []
    for (const [tableName, latest] of latestByTable(changes)) {
      await this.#mergeTable(this.context.schema.tables[tableName]!, latest, outbox, outcome, quarantine, surroundings)
    }
    if (quarantine.length) outcome.quarantined = await this.#quarantine(quarantine)
    outcome.conflicts = await this.record(outcome.conflicts)
    return outcome
  }

  /** Keeps changes that cannot be applied. @returns those that were not there before and that somebody should hear of. */
  async #quarantine(records: readonly QuarantineRecord[]): Promise<QuarantineRecord[]> {
    const { sync_quarantine } = this.context.db
    const known = await sync_quarantine.bulkGet(records.map(({ tableName, pk }): [string, string] => [tableName, pk]))
    // Pages may come late: the newest counts.
    await sync_quarantine.bulkPut(records.filter(({ change }, index) => !known[index] || compareRevisions(change.stamp, known[index].change.stamp) >= 0))
    return records.filter((record, index) => record.reason === 'schema' && known[index]?.change.stamp.opId !== record.change.stamp.opId)
  }

  /** Stores conflicts, each once under (table, pk, remote revision). @returns the new ones. */
  async record(conflicts: readonly ConflictRecord[]): Promise<ConflictRecord[]> {
    if (!conflicts.length) return []
    const { sync_conflicts } = this.context.db
    const known = await sync_conflicts.bulkGet(conflicts.map(conflict => conflict.id))
    const fresh = conflicts.filter((_, index) => !known[index])
    if (fresh.length) await sync_conflicts.bulkAdd(fresh)
    return fresh
  }

  /** A conflict between two revisions of one record, or null where nothing would be lost. */
  conflict(winner: 'local' | 'remote', tableName: string, pk: string, local: ConflictSide, remote: RemoteChange): ConflictRecord | null {
    if (local.op === remote.op && this.#sameContent(tableName, local, remote)) return null
    return {
      id: conflictId(tableName, pk, remote.stamp, local),
      tableName,
      pk,
      winner,
      local,
      remote: sideOf(remote),
      detectedAt: this.context.storeTime(),
    }
  }

  async #mergeTable(table: SyncTable, changes: readonly RemoteChange[], outbox: OutboxView, outcome: MergeOutcome, quarantine: QuarantineRecord[], { hasQuarantine, hasUnconfirmed, wereSetAside = false }: MergeSurroundings): Promise<void> {
    const store = storedRows<StoredRow>(this.context.db, table.name)
    const pks = changes.map(change => change.pk)
    const [rows, tombstones, aside, unconfirmed] = await Promise.all([
      this.#readRows(store, pks), this.#readTombstones(table.name, pks), hasQuarantine ? this.#readSetAside(table.name, pks) : new Map<string, QuarantineRecord>(),
      hasUnconfirmed ? readUnconfirmed(this.context.db, table.name, pks) : new Map<string, UnconfirmedEdit>(),
    ])
    const plan: TablePlan = { puts: [], deletes: [], tombstones: [], revived: [], settled: [], confirmed: [] }
    const lost = changes.flatMap(({ pk, stamp }) => {
      const setAside = aside.get(pk)
      return isLostRevision(setAside, stamp) ? [setAside] : []
    })
    if (!wereSetAside) await markFound(this.context.db, lost)
    changes.forEach((change, index) => {
      const setAside = aside.get(change.pk)
      const stored = {
        row: rows[index], tombstone: tombstones.get(change.pk), setAside, unconfirmed: unconfirmed.get(recordKey(table.name, change.pk)),
        isLost: wereSetAside && isLostRevision(setAside, change.stamp),
      }
      const applied = this.#mergeOne(table, change, stored, outbox, outcome, quarantine, plan)
      if (applied) outcome.applied++
      else outcome.skipped++
    })
    const settled = changes.filter(({ pk, stamp }) => !isBelow(stamp, aside.get(pk))).map(({ pk }) => pk)
    await this.#write(store, plan, new Set(hasQuarantine ? settled : []))
    if (hasUnconfirmed) await confirm(this.context.db, table.name, plan.confirmed)
  }

  /** Decides one record. @returns whether the remote revision is now the local one. */
  #mergeOne(
    table: SyncTable, change: RemoteChange, stored: StoredState, outbox: OutboxView, outcome: MergeOutcome, quarantine: QuarantineRecord[], plan: TablePlan,
  ): boolean {
    const { row, tombstone, isLost } = stored
    const key = recordKey(table.name, change.pk)
    const isOwn = row !== undefined && isPrivate(this.context, table, row)
    // Nobody else has it, whatever `exclude` says by now: like a private row it stands in no order, but it gives way.
    const isUnshared = row !== undefined && !isOwn && isOnlyHere(row)
    const shared = isOwn || isUnshared ? undefined : row
    const refused = outbox.failed(key)
    const unsent = outbox.latest(key)
    const decision = decideMerge({
      revision: isOwn ? sharedRevision(stored) : storedRevision(shared ?? tombstone),
      hasRow: shared !== undefined,
      // A later edit of the record takes the refused one's place.
      isRefused: unsent?.record.status === 'failed',
      unsent: outbox.waiting(key),
      unconfirmed: stored.unconfirmed,
    }, { op: change.op, stamp: change.stamp, isInvalid: change.problem !== undefined && !(isOwn && change.isExcluded) })
    switch (decision.kind) {
      case 'set-aside':
        quarantine.push(this.#setAside(change, change.isExcluded ? 'excluded' : 'schema', isLost))
        return false
      case 'keep-beside':
        // What stands beside is the store's. What it has lost stays where it is until the refused edit is gone.
        if (isLost) return false
        keepBeside(refused!, change)
        outbox.touch(refused!.record)
        plan.settled.push(change.pk)
        return false
      case 'echo':
        if (unsent) outbox.removeUpTo(key, change.stamp)
        if (!isOwn) plan.settled.push(change.pk)
        return false
      case 'raise':
        this.#raise(key, change, row!, unsent!, outbox, plan)
        return false
      case 'stay':
        if (decision.meets) {
          this.#noteConflict('local', table, change, shared, unsent ?? stored.unconfirmed!, outcome)
          // Known from now on: the push must not report it a second time.
          outbox.rebase(key, { clock: change.stamp.clock, hlc: change.stamp.hlc })
          plan.confirmed.push(change.pk)
        }
        if (!isOwn) plan.settled.push(change.pk)
        return false
      case 'apply':
        if (isUnshared && change.op === 'put') this.#noteConflict('remote', table, change, row, revisionHere(row), outcome)
        // A row that turned private without being written stays as it is: nothing is lost.
        else if (decision.meets && !(isOwn && !isOnlyHere(row))) this.#noteConflict('remote', table, change, shared, unsent ?? stored.unconfirmed!, outcome)
        outbox.removeAll(key)
        plan.confirmed.push(change.pk)
        if (isOwn || (isUnshared && change.op === 'delete')) {
          this.#keepAside(table, change, { tombstone, isLost }, quarantine, plan)
          // Nobody was ever sent what is in it.
          if (unsent && unsent.opId === row.op_id) plan.puts.push(asOnlyHere(row))
          return false
        }
        planApply(table, change, tombstone, plan, this.context.storeTime())
        if (isLost) this.#requeue(table, change, outbox, outcome)
        return true
      default:
        return false
    }
  }

  /**
   * The row here is nobody else's, and stays as it is. To the others the record is what its tombstone says: deleted when the row became
   * private. What comes above that is set aside; a delete is the next tombstone.
   */
  #keepAside(table: SyncTable, change: RemoteChange, { tombstone, isLost }: Pick<StoredState, 'tombstone' | 'isLost'>, quarantine: QuarantineRecord[], plan: TablePlan): void {
    if (change.op === 'delete') {
      planTombstone(table, change, plan, this.context.storeTime())
      plan.settled.push(change.pk)
      return
    }
    quarantine.push(this.#setAside(change, 'excluded', isLost))
    if (!tombstone) return
    // What this device knew of theirs stays, as long as they have nothing newer. It may be its own, of which it had not heard.
    if (isKnownBeside(tombstone, change.stamp)) plan.tombstones.push({ ...tombstone, clock: change.stamp.clock, hlc: change.stamp.hlc })
    else plan.revived.push([table.name, change.pk])
  }

  /** A restored store gets back what it had lost. */
  #requeue({ name }: SyncTable, { pk, op, stamp: { clock, hlc, opId } }: RemoteChange, outbox: OutboxView, outcome: MergeOutcome): void {
    outbox.add({ tableName: name, status: 'pending', createdAt: this.context.env.clock.now(), ops: [{ pk, op, clock, hlc, opId, requeued: true }] })
    outcome.requeued++
  }

  /** A new record under the key of one that was deleted before: it stands above that delete. */
  #raise(key: string, change: RemoteChange, row: StoredRow, unsent: OutboxEntry, outbox: OutboxView, plan: TablePlan): void {
    const { hlc, env } = this.context
    const revision = { clock: nextClock(change.stamp.clock), hlc: hlc.next(), opId: env.uuid() }
    outbox.restamp(key, unsent.opId, revision, { clock: change.stamp.clock, hlc: change.stamp.hlc })
    outbox.removeUpTo(key, { ...change.stamp })
    plan.puts.push({ ...row, clock: revision.clock, hlc: revision.hlc, op_id: revision.opId })
  }

  /** The remote change meets an edit of ours that did not know it. */
  #noteConflict(winner: 'local' | 'remote', table: SyncTable, change: RemoteChange, row: StoredRow | undefined, edit: Revision, outcome: MergeOutcome): void {
    const local: ConflictSide = { op: row ? 'put' : 'delete', row: row && plainRow(row), clock: edit.clock, hlc: edit.hlc, opId: edit.opId, deviceId: this.context.deviceId() }
    const conflict = this.conflict(winner, table.name, change.pk, local, change)
    if (conflict) outcome.conflicts.push(conflict)
  }

  #sameContent(tableName: string, local: ConflictSide, remote: RemoteChange): boolean {
    if (local.op === 'delete') return true
    const table = this.context.schema.tables[tableName]
    return !!table && !!local.row && !!remote.payload && isSameContent(table, local.row, remote.payload)
  }

  #setAside(change: RemoteChange, reason: QuarantineRecord['reason'], isLost: boolean): QuarantineRecord {
    const { tableName, pk, op, payload, stamp, serverVersion } = change
    return { tableName, pk, reason, error: change.problem, change: { op, payload, stamp, serverVersion }, ...(isLost ? { isLost: true } : {}), receivedAt: this.context.env.clock.now() }
  }

  /** A page for an empty table is a bootstrap: one look spares reading them all. A count would walk over the whole table. */
  async #readRows(store: Table<StoredRow, string>, pks: string[]): Promise<(StoredRow | undefined)[]> {
    if (pks.length > 20 && await isEmpty(store.toCollection())) return []
    return await store.bulkGet(pks)
  }

  async #readTombstones(tableName: string, pks: string[]): Promise<Map<string, TombstoneRecord>> {
    const { tombstones } = this.context.db
    if (pks.length > 1 && await isEmpty(tombstones.where('[tableName+pk]').between([tableName], [tableName, []]))) return new Map()
    const found = await tombstones.bulkGet(pks.map((pk): [string, string] => [tableName, pk]))
    return new Map(found.flatMap(tombstone => tombstone ? [[tombstone.pk, tombstone]] : []))
  }

  async #readSetAside(tableName: string, pks: string[]): Promise<Map<string, QuarantineRecord>> {
    const found = await this.context.db.sync_quarantine.bulkGet(pks.map((pk): [string, string] => [tableName, pk]))
    return new Map(found.flatMap(record => record ? [[record.pk, record]] : []))
  }

  /** `mayForget`: records of which nothing newer is set aside. */
  async #write(store: Table<StoredRow, string>, plan: TablePlan, mayForget: ReadonlySet<string>): Promise<void> {
    const { tombstones, sync_quarantine } = this.context.db
    const writes: PromiseLike<unknown>[] = []
    if (plan.puts.length) writes.push(store.bulkPut(plan.puts))
    if (plan.deletes.length) writes.push(store.bulkDelete(plan.deletes))
    if (plan.tombstones.length) writes.push(tombstones.bulkPut(plan.tombstones))
    if (plan.revived.length) writes.push(tombstones.bulkDelete(plan.revived))
    await Promise.all(writes)
    if (!mayForget.size) return
    const primaryKey = store.schema.primKey.keyPath as string
    const settled = [...plan.settled, ...plan.puts.map(row => row[primaryKey] as string), ...plan.deletes]
    await sync_quarantine.bulkDelete(settled.filter(pk => mayForget.has(pk)).map((pk): [string, string] => [store.name, pk]))
  }
}

function latestByTable(changes: readonly RemoteChange[]): Map<string, RemoteChange[]> {
  const tables = new Map<string, Map<string, RemoteChange>>()
  for (const change of changes) {
    let table = tables.get(change.tableName)
    if (!table) tables.set(change.tableName, table = new Map())
    const known = table.get(change.pk)
    if (!known || compareRevisions(change.stamp, known.stamp) > 0) table.set(change.pk, change)
  }
  return new Map([...tables].map(([name, table]) => [name, [...table.values()]]))
}

/** A page may come after a newer one that was set aside: that one still counts. */
function isBelow(stamp: Revision, setAside: QuarantineRecord | undefined): boolean {
  return setAside !== undefined && compareRevisions(stamp, setAside.change.stamp) < 0
}

function keepBeside(refused: OutboxEntry, change: RemoteChange): void {
  const failure = refused.record.failure
  if (!failure || (failure.remote && !failure.isRemoteGone && compareRevisions(failure.remote.stamp, change.stamp) >= 0)) return
  const { op, payload, stamp, serverVersion } = change
  failure.remote = { op, payload, stamp, serverVersion }
  delete failure.isRemoteGone
}

/** What the others have of a record whose row is private here, as far as this device knows; a page may come after what it set aside. */
function sharedRevision({ tombstone, setAside }: StoredState): Revision | undefined {
  if (tombstone) return storedRevision(tombstone)
  // One that waits for the answer to a push was never looked at.
  return setAside?.reason === 'unanswered' ? undefined : setAside?.change.stamp
}

function revisionHere({ clock = 0, hlc = '', op_id: opId = '' }: Pick<StoredRow, 'clock' | 'hlc' | 'op_id'>): Revision {
  return { clock, hlc, opId }
}

function storedRevision(stored: { clock?: number, hlc?: string, op_id?: string } | undefined): Revision | undefined {
  if (stored?.clock === undefined) return undefined
  return revisionHere(stored)
}
