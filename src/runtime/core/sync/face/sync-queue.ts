import { ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import { SyncError } from '../../../shared/sync/protocol/errors'
import { compareRevisions, nextClock } from '../../../shared/sync/protocol/revision'
import type { StoredRevision, SyncErrorCode, SyncOperation } from '../../../shared/sync/protocol/types'
import { isUpgradedRevision } from '../../../shared/sync/protocol/upgraded-stamp'
import { applyTransaction } from '../records/apply-transaction'
import type { OutboxRecord, SchemaState } from '../records/engine-records'
import { upgradeStoredRow } from '../rows/upgrade-stored-row'
import type { EngineContext } from '../context/engine-context'
import { isOnlyHere, isPrivate } from '../context/exclusion'
import { givenUpTombstone, noteGivenUp } from '../progress/given-up'
import { OutboxView } from '../queue/outbox-view'
import { remoteBeside } from '../queue/remote-beside'
import { restampEdit } from '../push/restamp-edit'
import { ConflictResolver } from '../merge/conflict-resolver'
import { setDoubtfulAside } from '../merge/doubtful-changes'
import { changeWishes } from '../progress/refetch-wishes'
import { asChange, readRemoteChanges } from '../merge/remote-change'
import { recordKey } from '../records/record-key'
import { storedRows } from '../records/stored-rows'

export interface SyncQueueItem {
  id: string
  tableName: string
  pk: string
  operation: SyncOperation
  attempts: number
  errorCode?: SyncErrorCode
  error?: string
  /** Epoch milliseconds. */
  createdAt: number
}

/** One edit of the dead letter with everything needed to bring it back by hand. */
export interface FailedExport extends SyncQueueItem {
  row?: Record<string, unknown>
  remote?: unknown
}

/** What an app can see of the outbox and do about the dead letter. */
export class SyncQueue {
  constructor(private readonly options: {
    context: EngineContext
    attemptsOf: (key: string, opId: string) => number
    /** The queue was changed by hand: send, and count again. */
    onChanged: () => void
    /** A version that the store has, and that this device lacks, was set aside or is to be fetched. */
    onLookAgain: () => void
  }) {}

  /** Both lists, oldest first, read at once. */
  async all(): Promise<{ pending: SyncQueueItem[], failed: SyncQueueItem[] }> {
    const records = await this.options.context.db.pending_ops.toArray()
    const itemsOf = (failed: boolean) => records.filter(({ status }) => (status === 'failed') === failed).flatMap(record => this.#items(record))
    return { pending: itemsOf(false), failed: itemsOf(true) }
  }

  async pending(): Promise<SyncQueueItem[]> {
    return (await this.options.context.db.pending_ops.where('status').anyOf('pending', 'held').sortBy('id')).flatMap(record => this.#items(record))
  }

  async failed(): Promise<SyncQueueItem[]> {
    return (await this.#failedRecords()).flatMap(record => this.#items(record))
  }

  /**
   * Tries a refused edit again, or all of them. Its revision rises above what has arrived since; one that was refused for its age becomes an
   * edit of now. A record that was queued again for a
   * restored store gives way instead: what has arrived may have been made upon it, by somebody who may write.
   */
  async retry(id?: string): Promise<void> {
    const { context: { outbox } } = this.options
    const { looksAgain } = await this.#retryChosen(async () => {
      if (id === undefined) return await this.#failedRecords()
      const record = await outbox.findRefused(id)
      if (!record) throw unknownItem(id)
      return [record]
    })
    this.options.onChanged()
    if (looksAgain) this.options.onLookAgain()
  }

  /** The server tells its schema's version: when it has changed, what was refused as invalid is tried once more. */
  async serverSchemaIs(version: number): Promise<void> {
    const { sync_state } = this.options.context.db
    const known = await sync_state.get('schema') as SchemaState | undefined
    if (known?.version === version) return
    await sync_state.put({ id: 'schema', version })
    if (!known) return
    const { count, looksAgain } = await this.#retryChosen(async () => (await this.#failedRecords()).filter(({ failure }) => failure?.code === 'VALIDATION_ERROR'))
    if (count) this.options.onChanged()
    if (looksAgain) this.options.onLookAgain()
  }

  /** Gives a refused edit up: the newest remote version takes its place, or the row goes. One made since stays, and meets that version. */
  async discard(id: string): Promise<void> {
    const { context } = this.options
    const { db, outbox } = context
    const looksAgain = await applyTransaction(db, this.#allTables(), async () => {
      const record = await outbox.findRefused(id)
      if (!record) throw unknownItem(id)
      const table = context.schema.tables[record.tableName]
      if (!table) throw new SyncError('NOT_FOUND', `this version of the app has no table "${record.tableName}": reload the page, or wait until the table is back`)
      const { pk, base } = record.ops[0]!
      const key = recordKey(record.tableName, pk)
      const view = await outbox.view([key])
      view.supersede(key, record.ops[0]!)
      await outbox.save(view)
      // An edit made since stands for itself.
      if (view.entries(key).length) return await this.#meetSuccessor(record, view)
      const remote = remoteBeside(record)
      const row = await storedRows<Record<string, unknown>>(db, table.name).get(pk)
      // The delete that a row sends when it becomes private is refused, too: the row stays, even where it is private no more.
      const stays = row !== undefined && (isOnlyHere(row) || isPrivate(context, table, row))
      if (row && !stays) await storedRows(db, table.name).delete(pk)
      if (stays && base !== undefined) await db.tombstones.put(givenUpTombstone(table.name, record.ops[0]!, context.env.clock.now()))
      else await db.tombstones.delete([table.name, pk])
      if (remote) await new ConflictResolver(context).merge(readRemoteChanges(context, [asChange(table.name, pk, remote)]), new OutboxView([]), { hasQuarantine: true, hasUnconfirmed: true })
      const inDoubt = mayHaveArrived(record)
      if (inDoubt) await noteGivenUp(db, context.env.clock.now())
      // The store has a version that we have not seen since, or may have this very edit: have the table fetched again.
      const isFetched = inDoubt || (!remote && base !== null)
      if (isFetched) await changeWishes(db, { add: [table.name] })
      // What a restored store has lost has waited for the refused edit to go.
      return isFetched || (await db.sync_quarantine.get([table.name, pk]))?.isLost === true
    })
    this.options.onChanged()
    if (looksAgain) this.options.onLookAgain()
  }

  async exportFailed(): Promise<FailedExport[]> {
    return (await this.#failedRecords()).map(record => ({ ...this.#items(record)[0]!, row: record.failure?.row, remote: record.failure?.remote }))
  }

  async #failedRecords(): Promise<OutboxRecord[]> {
    return await this.options.context.db.pending_ops.where('status').equals('failed').sortBy('id')
  }

  #items(record: OutboxRecord): SyncQueueItem[] {
    return record.ops.map(op => ({
      id: op.opId,
      tableName: record.tableName,
      pk: op.pk,
      operation: op.op,
      attempts: record.failure?.attempts ?? this.options.attemptsOf(recordKey(record.tableName, op.pk), op.opId),
      ...reasonOf(record.failure ?? op.aside),
      createdAt: record.createdAt,
    }))
  }

  /** The app may be able by now to bring the row into today's shape. @returns `private` where that alone keeps it on this device. */
  async #upgradeRow({ tableName, ops }: OutboxRecord): Promise<'private' | undefined> {
    const { schema, db, isExcluded } = this.options.context
    const table = schema.tables[tableName]
    const { pk, op } = ops[0]!
    if (!table?.upgradeRow || op === 'delete') return
    const row = await storedRows<Record<string, unknown>>(db, table.name).get(pk)
    const upgrade = row && upgradeStoredRow(table, row, isExcluded)
    if (!upgrade?.ok || !upgrade.isChanged) return
    await storedRows(db, table.name).put(upgrade.row)
    if (upgrade.turnedPrivate) return 'private'
  }

  /**
   * An edit was made upon a refused one that goes now: it meets what arrived before it. It may be on its way, which only the leading tab
   * knows: until that has looked, the change is set aside. @returns whether there is any.
   */
  async #meetSuccessor(record: OutboxRecord, view: OutboxView): Promise<boolean> {
    const { context } = this.options
    const { tableName, ops } = record
    const remote = remoteBeside(record)
    if (!remote) return false
    await setDoubtfulAside(context, readRemoteChanges(context, [asChange(tableName, ops[0]!.pk, remote)]), { outbox: view, resolver: new ConflictResolver(context), wereSetAside: false })
    return true
  }

  /**
   * Sends refused edits again, in one transaction. @param choose which; within that transaction.
   * @returns how many, and whether something was set aside that is to be looked at again.
   */
  async #retryChosen(choose: () => Promise<OutboxRecord[]>): Promise<{ count: number, looksAgain: boolean }> {
    const { context } = this.options
    const { db, outbox } = context
    return await applyTransaction(db, this.#allTables(), async () => {
      const chosen = await choose()
      let looksAgain = false
      const view = await outbox.view(chosen.map(keyOf))
      for (const record of chosen) {
        const [key, op] = [keyOf(record), record.ops[0]!]
        const remote = record.failure?.remote
        if (await this.#upgradeRow(record) === 'private') {
          view.removeAll(key)
          continue
        }
        // Together with what was written over it since: that may be held.
        view.setStatus(key, view.sendable(key)?.record.status === 'held' ? 'held' : 'pending')
        const isHigher = remote !== undefined && compareRevisions(remote.stamp, op) > 0
        if (isHigher && (op.requeued || isUpgradedRevision(op))) {
          // What the store no longer has is nobody's: its answer to this one says what there is.
          if (remoteBeside(record)) await this.#takeRemote(view, record, remote)
        }
        else if (view.latest(key)?.opId !== op.opId) looksAgain = await this.#meetSuccessor(record, view) || looksAgain
        else if (isHigher || isRefusedForItsStamp(record)) await this.#raise(view, record, remote?.stamp.clock ?? 0)
      }
      await outbox.save(view)
      return { count: chosen.length, looksAgain }
    })
  }

  /** The store has more than what was queued again. */
  async #takeRemote(view: OutboxView, { tableName, ops }: OutboxRecord, remote: StoredRevision): Promise<void> {
    const { context } = this.options
    const changes = readRemoteChanges(context, [asChange(tableName, ops[0]!.pk, remote)])
    await new ConflictResolver(context).merge(changes, view, { hasQuarantine: true, hasUnconfirmed: true })
  }

  async #raise(view: OutboxView, record: OutboxRecord, remoteClock: number): Promise<void> {
    const { context } = this.options
    const op = record.ops[0]!
    const stamp = { deviceId: context.deviceId(), opId: op.opId, hlc: op.hlc, clock: op.clock }
    await restampEdit(context, view, {
      key: keyOf(record),
      op: { id: op.opId, tableName: record.tableName, pk: op.pk, operation: op.op, stamp, createdAt: record.createdAt, attempts: 0, status: 'pending' },
      clock: nextClock(Math.max(op.clock, remoteClock)),
      base: undefined,
    })
  }

  #allTables(): string[] {
    return [...this.options.context.appTables.map(table => table.name), ENGINE_TABLES.pendingOps, ENGINE_TABLES.tombstones, ENGINE_TABLES.conflicts, ENGINE_TABLES.quarantine, ENGINE_TABLES.state]
  }
}

function keyOf({ tableName, ops }: OutboxRecord): string {
  return recordKey(tableName, ops[0]!.pk)
}

/** Whoever may not write here any more may have sent it before: the store then has it, and only its answer was lost. */
function mayHaveArrived({ failure }: OutboxRecord): boolean {
  return failure?.code === 'READ_ONLY' || failure?.code === 'UNAUTHORIZED'
}

/** The store has forgotten what was deleted since: the same stamp would be refused for ever. */
function isRefusedForItsStamp({ failure }: OutboxRecord): boolean {
  return failure?.code === 'CONFLICT'
}

/** Why it was refused, or waits aside. */
function reasonOf(reason: { code: SyncErrorCode, message: string } | undefined): Pick<SyncQueueItem, 'errorCode' | 'error'> {
  return reason ? { errorCode: reason.code, error: reason.message } : {}
}

function unknownItem(id: string): SyncError {
  return new SyncError('NOT_FOUND', `no refused edit has the id "${id}"; useSyncQueue().failed lists them`)
}
