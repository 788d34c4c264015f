import type { Table } from 'dexie'
import { compareRevisions } from '../../../shared/sync/protocol/revision'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import type { QuarantineRecord, TombstoneRecord, UnconfirmedEdit } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import { isOnlyHere, isPrivate } from '../context/exclusion'
import { decideMerge, type RecordHere } from '../decide/decide-merge'
import type { EditsFate, KeptConflict, MergeDecision, RowFate, TombstoneFate } from '../decide/merge-decision'
import { asOnlyHere } from '../rows/keep-here'
import type { OutboxView } from '../queue/outbox-view'
import { recordKey } from '../../../shared/sync/protocol/record-key'
import { keepConflicts, type MetEdits } from './keep-conflicts'
import { nothingMerged, type MergeOutcome } from './merge-outcome'
import { isEmpty } from '../records/is-empty'
import type { RemoteChange } from './remote-change'
import { plainRow } from '../rows/encode-local-row'
import { emptyPlan, type TablePlan } from './table-plan'
import { isOverdue } from '../progress/overdue-tombstone'
import { confirm, readUnconfirmed } from '../progress/unconfirmed-edits'
import { storedRows, type StoredRow } from '../records/stored-rows'

/** What is stored of one record: its row, or its tombstone. It has both if the row belongs to this device alone. */
interface StoredState extends Pick<RecordHere, 'tombstone' | 'setAside' | 'unconfirmed'> {
  row: StoredRow | undefined
}

/** What a merge has to read beside rows and tombstones. A caller that knows a table is empty says false, and saves the read. */
export interface MergeSurroundings {
  hasQuarantine: boolean
  hasUnconfirmed: boolean
  /** The changes come out of quarantine. Default: they come from the store, so the store has them. */
  wereSetAside?: boolean
  /** The store may have purged the deletes that it has had for 30 days, so its puts win over them. Default: they do not, as it may have been restored. */
  mayBePurged?: boolean
}

/** State that all changes of one merge share. */
interface Page {
  outbox: OutboxView
  surroundings: MergeSurroundings
  outcome: MergeOutcome
  /** Edits that did not know each other. */
  met: MetEdits[]
  /** To be written to quarantine. */
  quarantine: QuarantineRecord[]
}

/** One change, and the local state of its record. */
interface Meeting extends StoredState {
  table: SyncTable
  key: string
  change: RemoteChange
}

/**
 * Merges remote changes into the local database. `decideMerge` decides what follows for each change, and this class writes it.
 *
 * `merge` must run in a transaction over the app's tables, `pending_ops`, `tombstones`, `sync_conflicts`, `sync_quarantine` and `sync_state`.
 * It changes `outbox` in memory only: the caller saves it in the same transaction.
 */
export class ConflictResolver {
  constructor(private readonly context: EngineContext) {}

  async merge(changes: readonly RemoteChange[], outbox: OutboxView, surroundings: MergeSurroundings): Promise<MergeOutcome> {
    const page: Page = { outbox, surroundings, outcome: nothingMerged(), met: [], quarantine: [] }
    const { outcome, met, quarantine } = page
    for (const [tableName, latest] of latestByTable(changes)) await this.#mergeTable(this.context.schema.tables[tableName]!, latest, page)
    if (quarantine.length) await this.context.db.sync_quarantine.bulkPut(quarantine)
    outcome.conflicts = await keepConflicts(this.context, met)
    return outcome
  }

  async #mergeTable(table: SyncTable, changes: readonly RemoteChange[], page: Page): Promise<void> {
    const { hasQuarantine, hasUnconfirmed } = page.surroundings
    const store = storedRows(this.context.db, table.name)
    const pks = changes.map(change => change.pk)
    const [rows, tombstones, aside, unconfirmed] = await Promise.all([
      this.#readRows(store, pks), this.#readTombstones(table.name, pks), hasQuarantine ? this.#readSetAside(table.name, pks) : new Map<string, QuarantineRecord>(),
      hasUnconfirmed ? readUnconfirmed(this.context.db, table.name, pks) : new Map<string, UnconfirmedEdit>(),
    ])
    const plan = emptyPlan()
    changes.forEach((change, index) => {
      const key = recordKey(table.name, change.pk)
      const stored = { row: rows[index], tombstone: tombstones.get(change.pk), setAside: aside.get(change.pk), unconfirmed: unconfirmed.get(key) }
      this.#mergeOne({ table, key, change, ...stored }, page, plan)
    })
    await this.#write(store, plan)
    if (hasUnconfirmed) await confirm(this.context.db, table.name, plan.confirmed)
  }

  #mergeOne(meeting: Meeting, page: Page, plan: TablePlan): void {
    const { change } = meeting
    const { outcome } = page
    const decision = this.#decide(meeting, page)
    this.#carryOutEdits(decision.edits, meeting, page, plan)
    carryOutRow(decision.row, meeting, plan)
    this.#carryOutTombstone(decision.tombstone, meeting, plan)
    this.#carryOutQuarantine(decision, meeting, page, plan)
    if (decision.conflict) page.met.push(this.#metEdits(decision.conflict, meeting))
    if (decision.isConfirmed) plan.confirmed.push(change.pk)
    if (decision.kind === 'apply') outcome.applied++
    else outcome.skipped++
  }

  #decide({ table, key, change, row, ...stored }: Meeting, { outbox, surroundings: { wereSetAside = false, mayBePurged = false } }: Page): MergeDecision {
    const { op, payload, stamp, serverVersion, problem, isExcluded = false } = change
    return decideMerge({
      ...stored,
      row: row && { clock: row.clock, hlc: row.hlc, op_id: row.op_id, isPrivate: isPrivate(this.context, table, row), isOnlyHere: isOnlyHere(row) },
      isPurged: mayBePurged && stored.tombstone !== undefined && this.context.isTimeSure() && isOverdue(stored.tombstone, this.context.storeTime()),
      edit: outbox.waiting(key),
      failure: outbox.failed(key)?.record.failure,
    }, { op, payload, stamp, serverVersion, isUnusable: problem !== undefined, isExcluded, wasSetAside: wereSetAside })
  }

  #carryOutEdits(fate: EditsFate, { table, key, change, row }: Meeting, { outbox, outcome }: Page, plan: TablePlan): void {
    const { pk, op, stamp } = change
    switch (fate.kind) {
      case 'stay': return
      case 'taken':
        outbox.removeUpTo(key, stamp)
        return
      case 'gone':
        outbox.removeAll(key)
        return
      case 'requeued': {
        const { clock, hlc, opId } = stamp
        outbox.removeAll(key)
        outbox.add({ tableName: table.name, status: 'pending', createdAt: this.context.env.clock.now(), ops: [{ pk, op, clock, hlc, opId, requeued: true }] })
        outcome.requeued++
        return
      }
      case 'based':
        outbox.rebase(key, fate.base)
        return
      case 'raised': {
        const { hlc, env } = this.context
        const revision = { clock: fate.clock, hlc: hlc.next(), opId: env.uuid() }
        outbox.restamp(key, outbox.latest(key)!.opId, revision, fate.base)
        outbox.removeUpTo(key, stamp)
        plan.puts.push({ ...row!, clock: revision.clock, hlc: revision.hlc, op_id: revision.opId })
        return
      }
      case 'beside': outbox.noteBeside(key, fate.remote)
    }
  }

  #carryOutTombstone(fate: TombstoneFate, { table, change, tombstone }: Meeting, plan: TablePlan): void {
    switch (fate.kind) {
      case 'stays': return
      case 'theirs': {
        const { pk, stamp: { clock, hlc, opId } } = change
        const now = this.context.storeTime()
        plan.tombstones.push({ tableName: table.name, pk, clock, hlc, op_id: opId, deletedAt: now, syncedAt: now })
        return
      }
      case 'gone':
        plan.revived.push([table.name, change.pk])
        return
      case 'known': plan.tombstones.push({ ...tombstone!, ...fate.revision })
    }
  }

  #carryOutQuarantine({ quarantine: fate, isReported }: MergeDecision, meeting: Meeting, { outcome, quarantine }: Page, plan: TablePlan): void {
    const { change: { tableName, pk, op, payload, stamp, serverVersion, problem }, setAside } = meeting
    if (isReported) outcome.quarantined.push({ tableName, pk, error: problem })
    switch (fate.kind) {
      case 'stays': return
      case 'kept': {
        const { reason, isLost } = fate
        const change = { op, payload, stamp, serverVersion }
        quarantine.push({ tableName, pk, reason, error: problem, change, ...(isLost ? { isLost: true } : {}), receivedAt: this.context.env.clock.now() })
        return
      }
      case 'forgotten':
        plan.forgotten.push([tableName, pk])
        return
      case 'found': {
        const { isLost: _, ...found } = setAside!
        quarantine.push(found)
      }
    }
  }

  #metEdits({ winner, local }: KeptConflict, { change, row }: Meeting): MetEdits {
    return { winner, local: { ...local, row: local.op === 'put' ? plainRow(row!) : undefined, deviceId: this.context.deviceId() }, remote: change }
  }

  /** During a bootstrap the table is empty. One look finds that out and saves the reads. A count would walk over the whole table. */
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

  async #write(store: Table<StoredRow, string>, { puts, deletes, tombstones: buried, revived, forgotten }: TablePlan): Promise<void> {
    const { tombstones, sync_quarantine } = this.context.db
    const writes: PromiseLike<unknown>[] = []
    if (puts.length) writes.push(store.bulkPut(puts))
    if (deletes.length) writes.push(store.bulkDelete(deletes))
    if (buried.length) writes.push(tombstones.bulkPut(buried))
    if (revived.length) writes.push(tombstones.bulkDelete(revived))
    await Promise.all(writes)
    if (forgotten.length) await sync_quarantine.bulkDelete(forgotten)
  }
}

function carryOutRow(fate: RowFate, { change, row }: Meeting, plan: TablePlan): void {
  const { clock, hlc, opId } = change.stamp
  switch (fate) {
    case 'stays': return
    case 'theirs':
      if (change.op === 'put') plan.puts.push({ ...change.row, clock, hlc, op_id: opId })
      else plan.deletes.push(change.pk)
      return
    case 'only-here': plan.puts.push(asOnlyHere(row!))
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
