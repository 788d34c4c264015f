import { UPGRADED_HLC } from '#or3-sync/shared/sync/protocol/hlc'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import { compareRevisions } from '#or3-sync/shared/sync/protocol/revision'
import type { ConflictRecord } from '#or3-sync/core/sync/records/engine-records'
import { BorderChecks } from './border-checks'
import { PrivacyChecks } from './privacy-checks'
import type { SimDevice } from './sim-device'
import type { StoredRecord } from './stored-records'
import type { Edit } from './journal'
import { serverName, servedWorkspace } from './server-name'
import type { SimWorld } from './sim-world'
import { WriteChecks } from './write-checks'

/** An invariant does not hold. */
export class InvariantViolation extends Error {
  override name = 'InvariantViolation'
  /** The letter of the invariant, `a` to `m`, with which every message begins. */
  readonly invariant: string

  constructor(message: string) {
    super(message)
    this.invariant = message.slice(1, 2)
  }
}

/** How long the store remembers a device that it does not hear of. */
export const MEMORY_MS = 30 * 24 * 3_600_000

interface Seen { epochs: number, records: Map<string, StoredRecord> }

/** Checks what must hold after every step. It looks from outside: at the disks and at the store. */
export class StepChecks {
  /** Every conflict that a device has ever recorded. */
  readonly conflicts = new Map<string, { device: SimDevice, record: ConflictRecord }>()
  readonly privacy: PrivacyChecks
  readonly borders: BorderChecks
  readonly writes: WriteChecks
  readonly #checked = new Map<SimDevice, string>()
  readonly #seen = new Map<SimDevice, Seen>()
  /** Op id -> clock, for every op that the store has ever applied. */
  readonly #applied = new Map<string, number>()
  readonly #deleted = new Set<string>()
  /** Op id -> the device on whose disk it was first seen, or the server. */
  readonly #stampedBy = new Map<string, string>()
  #epochs = 0
  /** The first violation. It is kept because the store would turn an error that is thrown inside it into an answer. */
  #violation: InvariantViolation | null = null

  constructor(private readonly world: SimWorld) {
    this.privacy = new PrivacyChecks(world)
    this.borders = new BorderChecks(world)
    this.writes = new WriteChecks(world)
    world.oracle.onDecided = (...decision) => { this.writes.decided(...decision) }
    world.oracle.onArrived = (payload) => { this.privacy.arrived(payload) }
    world.oracle.onApplied = (at, row) => {
      const { workspaceId, userId } = at
      const { stamp, payload, tableName, pk, serverVersion } = row
      this.#applied.set(stamp.opId, stamp.clock)
      if (!payload) this.#deleted.add(`${workspaceId} ${tableName}/${pk}`)
      if (payload) world.journal.alias(stamp.opId, String(payload.edit))
      if (userId === null) this.#stampedBy.set(stamp.opId, serverName(workspaceId))
      this.borders.applied(at, row)
      world.log(`store ${workspaceId} v${serverVersion}: ${tableName}/${pk}@${stamp.clock} ${payload ? String(payload.edit) : 'deleted'}`)
    }
  }

  get restores(): number {
    return this.#epochs
  }

  /** Whether the store has ever applied a delete of this record. */
  wasDeleted(workspaceId: string, { tableName, pk }: { tableName: string, pk: string }): boolean {
    return this.#deleted.has(`${workspaceId} ${tableName}/${pk}`)
  }

  /** The highest clock with which the store has applied an edit. Null: it never has. */
  appliedClock({ opIds }: Edit): number | null {
    const clocks = [...opIds].flatMap(opId => this.#applied.get(opId) ?? [])
    return clocks.length ? Math.max(...clocks) : null
  }

  storeRestored(isAnnounced: boolean): void {
    this.#epochs++
    this.writes.restored()
    this.world.history?.restored(isAnnounced)
    this.#forget()
  }

  /** How many databases were deleted. */
  wipes = 0

  deviceWiped(device: SimDevice): void {
    this.wipes++
    this.#seen.delete(device)
    this.privacy.forget(device)
    for (const edit of this.world.journal.edits.values()) if (edit.device === device.name) edit.isWiped = true
    this.#forget()
  }

  /**
   * Marks edits that are gone for a good reason. The store had applied them and lost them by a restore, their own database was deleted (or the
   * server itself had written them), and no other device has them or an edit made upon them. Any device that has one of these would have to send it again.
   * A change that waits for the answer to a push is no exception: its maker has to send it again, and here there is none.
   */
  #forget(): void {
    if (!this.restores) return
    for (const edit of this.world.journal.edits.values()) {
      if ((edit.isWiped || servedWorkspace(edit.device) !== undefined) && this.appliedClock(edit) !== null && !this.#isKnown(edit)) edit.isForgotten = true
    }
  }

  /** Whether the store or a device has the edit, or a later edit that knew it. */
  #isKnown({ id, device: name, tableName, pk }: Edit): boolean {
    const { devices, oracle, journal } = this.world
    const workspaceId = this.world.workspaceOf(name)!
    const opIds = [oracle.rows(workspaceId).get(recordKey(tableName, pk))?.stamp.opId]
    const rows: (string | undefined)[] = []
    for (const device of devices) {
      if (device.workspaceId !== workspaceId) continue
      opIds.push(device.shared().get(`${tableName}/${pk}`)?.opId)
      opIds.push(...device.quarantine().filter(record => record.tableName === tableName && record.pk === pk && record.reason !== 'unanswered').map(({ change }) => change.stamp.opId))
      rows.push(device.records().get(`${tableName}/${pk}`)?.row?.edit)
    }
    const known = [...rows, ...opIds.map(opId => opId && journal.ofOp(opId))]
    return known.some(other => other !== undefined && journal.knew(other, id))
  }

  afterStep(): void {
    if (this.#violation) throw this.#violation
    for (const device of this.world.devices) {
      // If neither disk nor store has changed, the last check still holds.
      const state = `${device.disk.changes} ${this.world.oracle.applied} ${this.#epochs} ${device.tabs.map(({ engine }) => engine.status.get().cursor).join()}`
      if (this.#checked.get(device) === state) continue
      this.#check(device)
      this.#checked.set(device, state)
    }
  }

  #check(device: SimDevice): void {
    const records = device.shared()
    const before = this.#seen.get(device)
    for (const [key, record] of records) this.#checkRecord(device, key, record, before?.records.get(key))
    this.#seen.set(device, { epochs: this.#epochs, records })
    if (this.world.hasOracle) {
      this.#checkAtomicity(device, records)
      this.#checkCursor(device, records)
    }
    this.privacy.afterStep(device)
    this.borders.afterStep(device)
    for (const record of device.conflicts()) this.#checkConflict(device, record)
    this.#checkRefused(device)
    this.world.history?.look(device, records)
  }

  /** (j) A temporary failure never makes a dead letter. Only a refusal by the store itself does. */
  #checkRefused(device: SimDevice): void {
    for (const { status, tableName, ops, failure } of device.outbox()) {
      if (status === 'failed' && failure?.code === 'UNKNOWN') this.fail(`(j) ${device.name}: ${tableName}/${ops[0]?.pk} was refused by a stranger: ${failure.message}`)
    }
  }

  /** (c) A record's revision never falls on any device. */
  #checkRecord(device: SimDevice, key: string, record: StoredRecord, before: StoredRecord | undefined): void {
    const { journal } = this.world
    if (record.opId && !this.#stampedBy.has(record.opId)) this.#stampedBy.set(record.opId, device.name)
    if (record.row && record.opId) journal.alias(record.opId, record.row.edit)
    const edit = journal.edits.get(record.row?.edit ?? '')
    if (edit?.status === 'aborted') this.fail(`(k) ${device.name}: ${key} holds ${edit.id}, which was never written`)
    // Beside a row that only this version of the app keeps here, the tombstone of what the others had may be collected.
    if (!before || device.keepsHere(record)) return
    if (record.opId !== before.opId && record.op === 'delete' && record.opId && journal.ofOp(record.opId) === undefined && before.opId) {
      const edit = journal.ofOp(before.opId)
      // The edit was stamped anew: no device but the one that did it knows this op id yet. Or a tab that shares the row had written it there, and one
      // that keeps it on the device has turned that edit into this delete.
      const turned = journal.children(edit ?? '').find(child => child.device === this.#stampedBy.get(record.opId!))
      if (edit !== undefined && isDelete(journal.edits.get(edit))) journal.alias(record.opId, turned?.id ?? edit)
    }
    if (before.op === 'delete' && this.world.isPurgedBy(before.hlc)) return
    const order = compareRevisions(revisionOf(record), revisionOf(before))
    if (order < 0 && !device.outbox().some(({ status, ops }) => status === 'failed' && ops.some(({ pk }) => pk === record.pk)) && !device.discarded.delete(key)) {
      this.fail(`(c) ${device.name}: the revision of ${key} fell from ${describe(before)} to ${describe(record)}`)
    }
  }

  /** (h) A row whose revision never reached the store has an outbox entry. */
  #checkAtomicity(device: SimDevice, records: Map<string, StoredRecord>): void {
    let queued: Set<string> | undefined
    for (const [key, record] of records) {
      // A row that an upgrade step made for a viewer is sent later. The checks at rest see whether it was.
      if (record.opId === undefined || record.hlc === UPGRADED_HLC || this.#applied.has(record.opId)) continue
      queued ??= device.queuedKeys()
      if (!queued.has(key)) this.fail(`(h) ${device.name}: ${key} at ${describe(record)} is neither in the outbox nor was it ever in the store`)
    }
  }

  /** (d) The cursor never passes a change that is neither applied nor in quarantine. */
  #checkCursor(device: SimDevice, records: Map<string, StoredRecord>): void {
    if (!device.cursor()?.firstSyncDone || this.#epochs > 0 || device.bootstrap()) return
    // When several tabs lead, the cursor of one in memory may be ahead of a walk that another has just ended, or belong to a deleted database.
    // Such a tab reads the stored cursor again before it writes.
    const position = device.hasOneLeader ? device.position() : device.cursor()!.cursor
    for (const [key, row] of this.world.oracle.rows(device.workspaceId)) {
      if (row.serverVersion > position || !device.knows(row.tableName) || !device.speaksFor(row.tableName)) continue
      const local = records.get(key.replace('\u0000', '/'))
      // A tombstone may be missing here, because walks leave tombstones out. A row may then exist below it only if its edit is still to be
      // sent, or if an upgrade step made it for a viewer: it is sent, and loses, once they may write.
      if (row.op === 'delete' && (!local || local.op === 'delete' || device.isUnsent(local) || device.outbox().some(({ tableName, ops }) => tableName === row.tableName && ops.some(({ pk }) => pk === row.pk)))) continue
      if (local && (compareRevisions(revisionOf(local), row.stamp) >= 0 || (row.op === 'delete' && device.keepsHere(local)))) continue
      if (this.privacy.setAside(device, row) || this.privacy.turnedPrivate(device, row)) continue
      if (device.outbox().some(({ status, tableName, ops }) => status === 'failed' && tableName === row.tableName && ops[0]?.pk === row.pk)) continue
      this.fail(`(d) ${device.name}: the cursor is at ${position}, but v${row.serverVersion} (${row.tableName}/${row.pk}@${row.stamp.clock}) is not applied; here is ${local ? describe(local) : 'nothing'}`)
    }
  }

  /**
   * (i) A conflict is two edits neither of which knew the other. In the cases that return early the engine cannot tell, mostly because two
   * devices share a copied database: an edit that is stamped anew gets a new op id, so edits made upon the old one do not seem to know it.
   */
  #checkConflict(device: SimDevice, record: ConflictRecord): void {
    const key = `${device.name} ${record.id}`
    if (this.conflicts.has(key)) return
    this.conflicts.set(key, { device, record })
    const { journal } = this.world
    const [local, remote] = [record.local, record.remote].map(side => side.row ? String(side.row.edit) : journal.ofOp(side.opId))
    this.world.log(`${device.name} notes a conflict of ${record.tableName}/${record.pk}: ${local ?? 'a delete'} here, ${remote ?? 'a delete'} there; ${record.winner} wins`)
    // The store has forgotten the device, and with it what the device's last push replaced; or it was restored.
    if (!local || !remote || device.longestAbsence > MEMORY_MS || this.#epochs > 0) return
    // This device is the copy. The edit waited in the outbox when the database was copied, and the copy stamped it anew (its clock was wrong,
    // or there was an older delete). To the others the original is another edit.
    if (journal.edits.get(local)?.device !== device.name && this.world.isCopy(device)) return
    // The other device is the copy. The edit that waits here also waited there, and the copy has made its own edit upon it.
    const writer = this.world.devices.find(({ name }) => name === journal.edits.get(remote)?.device)
    if (writer && writer !== device && this.world.isCopy(writer)) return
    // The same, but a third device has made its edit upon that of the copy.
    if (this.#isMadeUponInCopy(device, local, remote)) return
    // The edit waited in both databases and the other device stamped it anew. An edit made here upon the old stamp does not name the new one.
    if (this.#isStampedAnewElsewhere(device, remote, record.remote.opId)) return
    // The reverse: another device made its edit upon the new stamp, which does not name the old one.
    if (journal.knew(remote, local) && journal.opsOf(local).some(opId => opId !== record.local.opId && this.#isStampedAnewElsewhere(device, local, opId))) return
    // Two copies stamped the edit anew. An edit made upon one of the stamps does not name the other.
    if (journal.knew(local, remote) && this.#isStampedByTwoCopies(remote, record.remote.opId)) return
    if (journal.knew(remote, local) && this.#isStampedByTwoCopies(local, record.local.opId)) return
    // The edit was applied, its reply was lost, and the repeat was refused because of the role. A retry then raised it above edits made upon it.
    if ([local, remote].some(id => (journal.edits.get(id)?.retriedBy.size ?? 0) > 0)) return
    if (journal.knew(local, remote)) this.fail(`(i) ${device.name} reports a conflict of ${local} with ${remote}, which it knew`)
    if (journal.knew(remote, local)) this.fail(`(i) ${device.name} reports a conflict of ${local} with ${remote}, which was made upon it`)
  }

  /** Whether `remote` was made upon an edit that another device with the same (copied) database made upon `local`. */
  #isMadeUponInCopy(device: SimDevice, local: string, remote: string): boolean {
    const first = this.world.journal.firstUpon(local, remote)
    const maker = this.world.devices.find(({ name }) => name === first?.device)
    return maker !== undefined && maker !== device && maker.databaseName === device.databaseName
  }

  /** Whether another device with the same (copied) database has stamped an edit anew. */
  #isStampedAnewElsewhere(device: SimDevice, edit: string, opId: string): boolean {
    const maker = this.world.devices.find(({ name }) => name === this.#stampedBy.get(opId))
    return maker !== undefined && maker !== device && maker.databaseName === device.databaseName && this.world.journal.edits.get(edit)?.opId !== opId
  }

  /** Whether two devices with the same (copied) database have each stamped an edit, one of them with this op id. */
  #isStampedByTwoCopies(edit: string, opId: string): boolean {
    const makerOf = (op: string) => this.world.devices.find(({ name }) => name === this.#stampedBy.get(op))
    const maker = makerOf(opId)
    const others = this.world.journal.opsOf(edit).filter(other => other !== opId).map(makerOf)
    return maker !== undefined && others.some(other => other !== undefined && other !== maker && other.databaseName === maker.databaseName)
  }

  fail(message: string): never {
    this.world.log(`VIOLATION ${message}`)
    this.#violation ??= new InvariantViolation(message)
    throw this.#violation
  }
}

/** Other devices see a row that has become private as deleted. */
function isDelete(edit: Edit | undefined): boolean {
  return edit?.op === 'delete' || edit?.secret === true || edit?.isKept === true
}

function revisionOf({ clock, hlc, opId }: StoredRecord) {
  return { clock, hlc, opId: opId ?? '' }
}

function describe({ op, clock, hlc, row }: StoredRecord): string {
  return `${op === 'delete' ? 'a delete' : row?.edit} @${clock} ${hlc}`
}
