import { UPGRADED_HLC } from '#or3-sync/shared/sync/protocol/hlc'
import { recordKey } from '#or3-sync/shared/sync/store/record-row'
import { compareRevisions } from '#or3-sync/shared/sync/protocol/revision'
import type { ConflictRecord } from '#or3-sync/core/sync/records/engine-records'
import { BorderChecks } from './border-checks'
import { PrivacyChecks } from './privacy-checks'
import type { SimDevice, StoredRecord } from './sim-device'
import type { Edit } from './journal'
import type { SimWorld } from './sim-world'

/** Something that must never be was seen. */
export class InvariantViolation extends Error {
  override name = 'InvariantViolation'
  /** `a` to `k`: every message begins with it. */
  readonly invariant: string

  constructor(message: string) {
    super(message)
    this.invariant = message.slice(1, 2)
  }
}

/** The retention: how long the store remembers a device it does not hear of. */
export const MEMORY_MS = 30 * 24 * 3_600_000

interface Seen { epochs: number, records: Map<string, StoredRecord> }

/** What must hold after every step, as far as it can be seen from outside: on the disks, in the store. */
export class StepChecks {
  /** Every conflict that was ever recorded, with the device that did. */
  readonly conflicts = new Map<string, { device: SimDevice, record: ConflictRecord }>()
  readonly privacy: PrivacyChecks
  readonly borders: BorderChecks
  readonly #checked = new Map<SimDevice, string>()
  readonly #seen = new Map<SimDevice, Seen>()
  /** Every op id that the store ever applied, with its clock. */
  readonly #applied = new Map<string, number>()
  readonly #deleted = new Set<string>()
  /** Op id -> the device on whose disk it was first seen. */
  readonly #stampedBy = new Map<string, string>()
  #epochs = 0
  /** The first thing that must never be. Where it is seen inside the store, its throw only becomes an answer. */
  #violation: InvariantViolation | null = null

  constructor(private readonly world: SimWorld) {
    this.privacy = new PrivacyChecks(world)
    this.borders = new BorderChecks(world)
    world.oracle.onArrived = (payload) => { this.privacy.arrived(payload) }
    world.oracle.onApplied = (at, row) => {
      const { workspaceId } = at
      const { stamp, payload, tableName, pk, serverVersion } = row
      this.#applied.set(stamp.opId, stamp.clock)
      if (!payload) this.#deleted.add(`${workspaceId} ${tableName}/${pk}`)
      if (payload) world.journal.alias(stamp.opId, String(payload.edit))
      this.borders.applied(at, row)
      world.log(`store ${workspaceId} v${serverVersion}: ${tableName}/${pk}@${stamp.clock} ${payload ? String(payload.edit) : 'deleted'}`)
    }
  }

  get restores(): number {
    return this.#epochs
  }

  /** Whether the store ever took a delete of this record. */
  wasDeleted(workspaceId: string, { tableName, pk }: { tableName: string, pk: string }): boolean {
    return this.#deleted.has(`${workspaceId} ${tableName}/${pk}`)
  }

  /** The highest clock under which the store ever took an edit; null: it never did. */
  appliedClock({ opIds }: Edit): number | null {
    const clocks = [...opIds].flatMap(opId => this.#applied.get(opId) ?? [])
    return clocks.length ? Math.max(...clocks) : null
  }

  storeRestored(): void {
    this.#epochs++
    this.#forget()
  }

  /** How often a database was deleted. */
  wipes = 0

  deviceWiped(device: SimDevice): void {
    this.wipes++
    this.#seen.delete(device)
    this.privacy.forget(device)
    for (const edit of this.world.journal.edits.values()) if (edit.device === device.name) edit.isWiped = true
    this.#forget()
  }

  /**
   * An edit that the store took, lost in its restore, and that no device has either: its own database was deleted, and nobody else had
   * heard of it, or of what was made upon it. Who has either must bring it back.
   */
  #forget(): void {
    if (!this.wipes || !this.restores) return
    for (const edit of this.world.journal.edits.values()) {
      if (edit.isWiped && this.appliedClock(edit) !== null && !this.#isKnown(edit)) edit.isForgotten = true
    }
  }

  /** Whether the store or a device has the edit, or one that was made in knowledge of it. */
  #isKnown({ id, device: name, tableName, pk }: Edit): boolean {
    const { devices, oracle, journal } = this.world
    const workspaceId = devices.find(device => device.name === name)!.workspaceId
    const opIds = [oracle.rows(workspaceId).get(recordKey(tableName, pk))?.stamp.opId]
    const rows: (string | undefined)[] = []
    for (const device of devices) {
      if (device.workspaceId !== workspaceId) continue
      opIds.push(device.shared().get(`${tableName}/${pk}`)?.opId)
      opIds.push(...device.quarantine().filter(record => record.tableName === tableName && record.pk === pk).map(({ change }) => change.stamp.opId))
      rows.push(device.records().get(`${tableName}/${pk}`)?.row?.edit)
    }
    const known = [...rows, ...opIds.map(opId => opId && journal.ofOp(opId))]
    return known.some(other => other !== undefined && journal.knew(other, id))
  }

  afterStep(): void {
    if (this.#violation) throw this.#violation
    for (const device of this.world.devices) {
      // Where neither disk nor store has changed, what held still holds.
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
  }

  /** (j) What passes refuses nothing: the dead letter holds what the store itself has said no to. */
  #checkRefused(device: SimDevice): void {
    for (const { status, tableName, ops, failure } of device.outbox()) {
      if (status === 'failed' && failure?.code === 'UNKNOWN') this.fail(`(j) ${device.name}: ${tableName}/${ops[0]?.pk} was refused by a stranger: ${failure.message}`)
    }
  }

  /** (c) A record's revision never falls on any replica. */
  #checkRecord(device: SimDevice, key: string, record: StoredRecord, before: StoredRecord | undefined): void {
    const { journal } = this.world
    if (record.opId && !this.#stampedBy.has(record.opId)) this.#stampedBy.set(record.opId, device.name)
    if (record.row && record.opId) journal.alias(record.opId, record.row.edit)
    const edit = journal.edits.get(record.row?.edit ?? '')
    if (edit?.status === 'aborted') this.fail(`(k) ${device.name}: ${key} holds ${edit.id}, which was never written`)
    if (!before) return
    if (record.opId !== before.opId && record.op === 'delete' && record.opId && journal.ofOp(record.opId) === undefined && before.opId) {
      const edit = journal.ofOp(before.opId)
      // Stamped anew: nobody else can have made this op id known.
      if (edit !== undefined && isDelete(journal.edits.get(edit))) journal.alias(record.opId, edit)
    }
    const order = compareRevisions(revisionOf(record), revisionOf(before))
    if (order < 0 && !device.outbox().some(({ status, ops }) => status === 'failed' && ops.some(({ pk }) => pk === record.pk)) && !device.discarded.delete(key)) {
      this.fail(`(c) ${device.name}: the revision of ${key} fell from ${describe(before)} to ${describe(record)}`)
    }
  }

  /** (h) A row that the store never saw has its outbox entry. */
  #checkAtomicity(device: SimDevice, records: Map<string, StoredRecord>): void {
    let queued: Set<string> | undefined
    for (const [key, record] of records) {
      // What a step made for a viewer is sent later; whether it is, shows at rest.
      if (record.opId === undefined || record.hlc === UPGRADED_HLC || this.#applied.has(record.opId)) continue
      queued ??= device.queuedKeys()
      if (!queued.has(key)) this.fail(`(h) ${device.name}: ${key} at ${describe(record)} is neither in the outbox nor was it ever in the store`)
    }
  }

  /** (d) The cursor never passes a change that is neither applied nor set aside. */
  #checkCursor(device: SimDevice, records: Map<string, StoredRecord>): void {
    if (!device.cursor()?.firstSyncDone || this.#epochs > 0 || device.bootstrap()) return
    // Where several tabs lead, one may be ahead of a walk that another has just ended, or of another database: it looks again before it writes.
    const position = device.hasOneLeader ? device.position() : device.cursor()!.cursor
    for (const [key, row] of this.world.oracle.rows(device.workspaceId)) {
      if (row.serverVersion > position || !device.knows(row.tableName) || !device.speaksFor(row.tableName)) continue
      const local = records.get(key.replace('\u0000', '/'))
      // A tombstone may be unknown here: to a walk it was left out. Then only an edit that is still to be sent may stand below it, or what a
      // step made for a viewer, which is sent, and beaten, once they may write.
      if (row.op === 'delete' && (!local || local.op === 'delete' || device.isUnsent(local) || device.outbox().some(({ tableName, ops }) => tableName === row.tableName && ops.some(({ pk }) => pk === row.pk)))) continue
      if (local && compareRevisions(revisionOf(local), row.stamp) >= 0) continue
      if (this.privacy.setAside(device, row)) continue
      if (device.outbox().some(({ status, tableName, ops }) => status === 'failed' && tableName === row.tableName && ops[0]?.pk === row.pk)) continue
      this.fail(`(d) ${device.name}: the cursor is at ${position}, but v${row.serverVersion} (${row.tableName}/${row.pk}@${row.stamp.clock}) is not applied; here is ${local ? describe(local) : 'nothing'}`)
    }
  }

  /** (i) A conflict is two edits neither of which knew the other. */
  #checkConflict(device: SimDevice, record: ConflictRecord): void {
    const key = `${device.name} ${record.id}`
    if (this.conflicts.has(key)) return
    this.conflicts.set(key, { device, record })
    const { journal } = this.world
    const [local, remote] = [record.local, record.remote].map(side => side.row ? String(side.row.edit) : journal.ofOp(side.opId))
    this.world.log(`${device.name} notes a conflict of ${record.tableName}/${record.pk}: ${local ?? 'a delete'} here, ${remote ?? 'a delete'} there; ${record.winner} wins`)
    // What the store remembers of a device's last push it forgets with the device.
    if (!local || !remote || device.longestAbsence > MEMORY_MS || this.#epochs > 0) return
    // An edit that was waiting when its database was copied, and that the copy stamped anew (a wrong clock, an older delete): its original is
    // another edit by then, with edits upon it.
    if (journal.edits.get(local)?.device !== device.name && this.world.isCopy(device)) return
    // The other way round: an edit that waits here was in the database that was copied, too. What the copy makes upon it has the copy's node.
    const writer = this.world.devices.find(({ name }) => name === journal.edits.get(remote)?.device)
    if (writer && writer !== device && this.world.isCopy(writer)) return
    // And so has what others make upon that: it knows the edit from the copy, not from here.
    if (this.#isMadeUponInCopy(device, local, remote)) return
    // Waiting in both, stamped anew in the other: what is made here upon the edit as it was says nothing of the new stamp.
    if (this.#isStampedAnewElsewhere(device, remote, record.remote.opId)) return
    // Or made upon the new stamp by somebody who has heard of that one: it says nothing of the edit as it was.
    if (journal.knew(remote, local) && journal.opsOf(local).some(opId => opId !== record.local.opId && this.#isStampedAnewElsewhere(device, local, opId))) return
    // Waiting in two copies, and stamped anew by both: what anybody made upon the one stamp says nothing of the other.
    if (journal.knew(local, remote) && this.#isStampedByTwoCopies(remote, record.remote.opId)) return
    if (journal.knew(remote, local) && this.#isStampedByTwoCopies(local, record.local.opId)) return
    // Applied, its reply lost, then refused for the role: tried again it rises above edits that were made upon it, and nobody can tell.
    if ([local, remote].some(id => (journal.edits.get(id)?.retriedBy.size ?? 0) > 0)) return
    if (journal.knew(local, remote)) this.fail(`(i) ${device.name} reports a conflict of ${local} with ${remote}, which it knew`)
    if (journal.knew(remote, local)) this.fail(`(i) ${device.name} reports a conflict of ${local} with ${remote}, which was made upon it`)
  }

  /** Whether `remote` stands on what another device that goes on with the same database made upon `local`. */
  #isMadeUponInCopy(device: SimDevice, local: string, remote: string): boolean {
    const first = this.world.journal.firstUpon(local, remote)
    const maker = this.world.devices.find(({ name }) => name === first?.device)
    return maker !== undefined && maker !== device && maker.databaseName === device.databaseName
  }

  /** Whether a device that goes on with the same database has given an edit a revision that it did not have when it was made. */
  #isStampedAnewElsewhere(device: SimDevice, edit: string, opId: string): boolean {
    const maker = this.world.devices.find(({ name }) => name === this.#stampedBy.get(opId))
    return maker !== undefined && maker !== device && maker.databaseName === device.databaseName && this.world.journal.edits.get(edit)?.opId !== opId
  }

  /** Whether two devices with the same database have each given an edit a revision, this one among them. */
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

/** To the others a row that has become private is a deleted one. */
function isDelete(edit: Edit | undefined): boolean {
  return edit?.op === 'delete' || edit?.secret === true
}

function revisionOf({ clock, hlc, opId }: StoredRecord) {
  return { clock, hlc, opId: opId ?? '' }
}

function describe({ op, clock, hlc, row }: StoredRecord): string {
  return `${op === 'delete' ? 'a delete' : row?.edit} @${clock} ${hlc}`
}
