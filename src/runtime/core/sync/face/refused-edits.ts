import { ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import { SyncError } from '../../../shared/sync/protocol/errors'
import { recordKey } from '../../../shared/sync/protocol/record-key'
import type { StoredRevision } from '../../../shared/sync/protocol/types'
import { applyTransaction } from '../records/apply-transaction'
import { inTurn } from '../records/in-turn'
import type { OutboxRecord, SchemaState } from '../records/engine-records'
import { storedRows } from '../records/stored-rows'
import { keepHere } from '../rows/keep-here'
import { upgradeStoredRow } from '../rows/upgrade-stored-row'
import type { EngineContext } from '../context/engine-context'
import { isOnlyHere, isPrivate } from '../context/exclusion'
import { givenUpTombstone, noteGivenUp } from '../progress/given-up'
import { decideDiscard, decideRetry, type GiveUpDecision } from '../decide/decide-refused'
import { OutboxView } from '../queue/outbox-view'
import { keepPrivateRow } from '../push/keep-private-row'
import { restampEdit } from '../push/restamp-edit'
import { ConflictResolver } from '../merge/conflict-resolver'
import { setDoubtfulAside } from '../merge/doubtful-changes'
import { isReached, readReached } from '../progress/is-reached'
import { changeWishes } from '../progress/refetch-wishes'
import { asChange, readRemoteChanges } from '../merge/remote-change'
import { failedRecords } from './failed-records'

/** Sends edits of the dead letter again, or gives them up. */
export class RefusedEdits {
  constructor(private readonly options: {
    context: EngineContext
    /** The user has changed the queue: it has to be sent and counted again. */
    onChanged: () => void
    /** The store's version of a record waits in quarantine, or is to be fetched. */
    onLookAgain: () => void
  }) {}

  /**
   * Tries a refused edit again, or all of them. Its revision rises above what has arrived since. An edit that was refused for its age becomes an
   * edit of now. A revision that was queued again for a restored store gives way instead: what has arrived may have been made upon it, by
   * somebody who may write.
   *
   * @throws SyncError `NOT_FOUND` when no refused edit has this id.
   */
  async retry(id?: string): Promise<void> {
    const { context: { db, outbox } } = this.options
    const { looksAgain } = await this.#retryChosen(async () => {
      if (id === undefined) return await failedRecords(db)
      const record = await outbox.findRefused(id)
      if (!record) throw unknownItem(id)
      return [record]
    })
    this.options.onChanged()
    if (looksAgain) this.options.onLookAgain()
  }

  /** The server has told its schema's version. If it has changed, edits that were refused as invalid are tried once more. */
  async serverSchemaIs(version: number): Promise<void> {
    const { db } = this.options.context
    const { sync_state } = db
    const known = await sync_state.get('schema') as SchemaState | undefined
    if (known?.version === version) return
    await sync_state.put({ id: 'schema', version })
    if (!known) return
    const { count, looksAgain } = await this.#retryChosen(async () => (await failedRecords(db)).filter(({ failure }) => failure?.code === 'VALIDATION_ERROR'))
    if (count) this.options.onChanged()
    if (looksAgain) this.options.onLookAgain()
  }

  /**
   * Gives up a refused edit. The newest remote version takes its place, or the row goes. An edit that was made since stays, and meets that
   * version.
   *
   * @throws SyncError `NOT_FOUND` when no refused edit has this id, or the app no longer has the table.
   */
  async discard(id: string): Promise<void> {
    const { context } = this.options
    const { db, outbox } = context
    const looksAgain = await applyTransaction(db, this.#allTables(), async () => {
      const record = await outbox.findRefused(id)
      if (!record) throw unknownItem(id)
      const table = context.schema.tables[record.tableName]
      if (!table) throw new SyncError('NOT_FOUND', `this version of the app has no table "${record.tableName}": reload the page, or wait until the table is back`)
      const edit = record.ops[0]!
      const key = keyOf(record)
      const view = await outbox.view([key])
      view.supersede(key, edit)
      await outbox.save(view)
      const hasSuccessor = view.entries(key).length > 0
      const row = hasSuccessor ? undefined : await storedRows(db, table.name).get(edit.pk)
      const here = row && { isPrivate: isPrivate(context, table, row), isOnlyHere: isOnlyHere(row) }
      const decision = decideDiscard({ edit, failure: record.failure, hasSuccessor, row: here })
      switch (decision.kind) {
        case 'leave-to-successor': return await this.#meetSuccessor(record, view, decision.remote)
        case 'give-up': return await this.#giveUp(record, decision)
      }
    })
    this.options.onChanged()
    if (looksAgain) this.options.onLookAgain()
  }

  /** Upgrades the row of a refused edit, if this version of the app can. @returns `private` if the upgrade alone keeps the row on this device. */
  async #upgradeRow({ tableName, ops }: OutboxRecord): Promise<'private' | undefined> {
    const { schema, db, isExcluded } = this.options.context
    const table = schema.tables[tableName]
    const { pk, op } = ops[0]!
    if (!table?.upgradeRow || op === 'delete') return
    const row = await storedRows(db, table.name).get(pk)
    const upgrade = row && upgradeStoredRow(table, row, isExcluded)
    if (!upgrade?.ok || !upgrade.isChanged) return
    await storedRows(db, table.name).put(upgrade.row)
    if (upgrade.turnedPrivate) return 'private'
  }

  /** Removes what a refused edit has left here, and takes over what the store has. @returns whether quarantine or a table has to be looked at again. */
  async #giveUp({ tableName, ops }: OutboxRecord, { row, tombstone, remote, isOnItsWay, isFetched }: GiveUpDecision): Promise<boolean> {
    const { context } = this.options
    const { db, env } = context
    const edit = ops[0]!
    const { pk } = edit
    if (row === 'goes') await storedRows(db, tableName).delete(pk)
    // With the op id of an edit that the store never took, a rescan would take it for a row that was deleted.
    else await keepHere(db, tableName, edit, null)
    if (tombstone === 'given-up') await db.tombstones.put(givenUpTombstone(tableName, edit, env.clock.now()))
    else await db.tombstones.delete([tableName, pk])
    if (remote) await this.#takeRemote(new OutboxView([]), tableName, pk, remote)
    if (isOnItsWay) await noteGivenUp(db, env.clock.now())
    if (isFetched) await changeWishes(db, { add: [tableName] })
    // A change in quarantine that a restored store has lost has waited for the refused edit to go.
    return isFetched || (await db.sync_quarantine.get([tableName, pk]))?.isLost === true
  }

  /**
   * The refused edit goes, and a newer edit of the record was made upon it. The store's revision has to be compared with that one. Only the
   * leading tab knows whether the newer edit is on its way, so the revision waits in quarantine until that tab has looked. @returns whether
   * there is such a revision.
   */
  async #meetSuccessor({ tableName, ops }: OutboxRecord, view: OutboxView, remote: StoredRevision | undefined): Promise<boolean> {
    const { context } = this.options
    if (!remote || !await this.#isReached(remote)) return false
    await setDoubtfulAside(context, readRemoteChanges(context, [asChange(tableName, ops[0]!.pk, remote)]), view, { wereSetAside: false })
    return true
  }

  /**
   * Sends refused edits again, in one transaction. `choose` picks them, within that transaction.
   * @returns how many there are, and whether something was set aside that has to be looked at again.
   */
  async #retryChosen(choose: () => Promise<OutboxRecord[]>): Promise<{ count: number, looksAgain: boolean }> {
    const { context } = this.options
    const { db, outbox } = context
    return await applyTransaction(db, this.#allTables(), async () => {
      const chosen = await choose()
      let looksAgain = false
      const view = await outbox.view(chosen.map(keyOf))
      await inTurn(chosen, record => this.#retryOne(record, view)?.then((looks) => { looksAgain ||= looks === true }))
      await outbox.save(view)
      return { count: chosen.length, looksAgain }
    })
  }

  /** Sends one refused edit again, or lets it give way. @returns whether something was set aside, as `#retryChosen` does; undefined if nothing has to be awaited. */
  #retryOne(record: OutboxRecord, view: OutboxView): Promise<boolean | void> | undefined {
    const hasUpgrade = this.options.context.schema.tables[record.tableName]?.upgradeRow !== undefined && record.ops[0]!.op === 'put'
    return hasUpgrade ? this.#upgradeRow(record).then(turned => this.#sendAgain(record, view, turned)) : this.#sendAgain(record, view, undefined)
  }

  #sendAgain(record: OutboxRecord, view: OutboxView, turned: 'private' | undefined): Promise<boolean | void> | undefined {
    const { tableName, failure, ops } = record
    const [key, edit] = [keyOf(record), ops[0]!]
    const { isNewest } = view.answered(key, edit.opId)
    const decision = decideRetry({ edit, failure, isNewest, successor: view.sendable(key)?.record.status, turnedPrivate: turned === 'private' })
    if (decision.kind === 'drop') {
      const kept = keepPrivateRow(this.options.context, view, key)
      view.removeAll(key)
      return kept
    }
    view.setStatus(key, decision.status)
    switch (decision.kind) {
      case 'send': return
      case 'give-way': return decision.remote && this.#takeRemote(view, tableName, edit.pk, decision.remote)
      case 'leave-to-successor': return decision.remote && this.#meetSuccessor(record, view, decision.remote)
      case 'raise': return this.#raise(view, record, decision.clock)
    }
  }

  /** Whether the store's revision may be shown now. If not, the feed brings it. */
  async #isReached(remote: StoredRevision): Promise<boolean> {
    const { db, deviceId } = this.options.context
    return isReached(remote, await readReached(db, deviceId()))
  }

  /** Merges the store's revision of a record with what is here, if it may be shown now. */
  async #takeRemote(view: OutboxView, tableName: string, pk: string, remote: StoredRevision): Promise<void> {
    const { context } = this.options
    if (!await this.#isReached(remote)) return
    await new ConflictResolver(context).merge(readRemoteChanges(context, [asChange(tableName, pk, remote)]), view, { hasQuarantine: true, hasUnconfirmed: true })
  }

  async #raise(view: OutboxView, record: OutboxRecord, clock: number): Promise<void> {
    const { context } = this.options
    const op = record.ops[0]!
    const stamp = { deviceId: context.deviceId(), opId: op.opId, hlc: op.hlc, clock: op.clock }
    await restampEdit(context, view, {
      key: keyOf(record),
      op: { id: op.opId, tableName: record.tableName, pk: op.pk, operation: op.op, stamp, createdAt: record.createdAt, attempts: 0, status: 'pending' },
      clock,
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

function unknownItem(id: string): SyncError {
  return new SyncError('NOT_FOUND', `no refused edit has the id "${id}"; useSyncQueue().failed lists them`)
}
