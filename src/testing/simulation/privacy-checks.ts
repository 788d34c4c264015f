import { compareRevisions, type Revision } from '#or3-sync/shared/sync/protocol/revision'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import type { Edit } from './journal'
import type { SimDevice } from './sim-device'
import type { SimRow } from './sim-schema'
import type { SimWorld } from './sim-world'

/** Checks that private and held rows stay on their device and are not changed from outside. It looks at the disks and at what reaches the store. */
export class PrivacyChecks {
  readonly #private = new Map<SimDevice, Map<string, SimRow>>()

  constructor(private readonly world: SimWorld) {}

  /** (f) A private or held row never leaves its device, not even in a request that is refused. */
  arrived(payload: Record<string, unknown>): void {
    const edit = this.world.journal.edits.get(String(payload.edit))
    const what = edit?.secret || payload.secret ? 'the private' : payload.hold ? 'the held' : null
    if (what) this.world.checks.fail(`(f) ${what} edit ${String(payload.edit)} of ${edit?.device} was sent to the store`)
  }

  afterStep(device: SimDevice): void {
    const rows = device.privateRows()
    for (const [key, { row }] of rows) {
      if (!row!.secret && !row!.scope) this.world.checks.fail(`(f) ${device.name}: ${key} (${row!.edit}) is shared, but carries no op id`)
    }
    for (const [key, before] of this.#private.get(device) ?? []) this.#checkChange(device, key, before, rows.get(key)?.row)
    this.#private.set(device, new Map([...rows].map(([key, { row }]) => [key, row!])))
    this.#checkHeld(device)
  }

  /** The device's database was deleted. */
  forget(device: SimDevice): void {
    this.#private.delete(device)
  }

  /** (f) A private row is changed only by edits of its own device. */
  #checkChange(device: SimDevice, key: string, before: SimRow, now: SimRow | undefined): void {
    const { journal, checks } = this.world
    if (now?.edit === before.edit) return
    // Another version of the app may share it. Then the row of the others may take its place, and this one is kept as a conflict.
    if (before.scope) return
    const edited = [...journal.edits.values()].some(({ parent, device: name, status }) => parent === before.edit && name === device.name && status !== 'aborted')
    if (!edited) checks.fail(`(f) ${device.name}: the private ${key} (${before.edit}) became ${now?.edit ?? 'nothing'}, though nobody edited it here`)
  }

  /** (f) An outbox entry has the status `held` exactly when its row is held back. */
  #checkHeld(device: SimDevice): void {
    const held = new Map(device.outbox().flatMap(({ status, ops }) => status === 'failed' ? [] : ops.map(({ opId }): [string, boolean] => [opId, status === 'held'])))
    for (const [key, { opId, row }] of device.shared()) {
      const isHeld = held.get(opId!)
      if (!row || isHeld === undefined || isHeld === (row.hold === true)) continue
      this.world.checks.fail(`(f) ${device.name}: the edit of ${key} (${row.edit}) ${isHeld ? 'is held, and should go' : 'should be held, and is on its way'}`)
    }
  }

  /** (f) At rest the store shows nothing of a row that has become private. */
  atRest(device: SimDevice, stored: ReadonlyMap<string, string>): void {
    const { journal, checks } = this.world
    for (const [key, { row }] of device.privateRows()) {
      // Which version of the app has it decides whether it is private.
      if (row!.scope) continue
      const shown = journal.edits.get(stored.get(key) ?? '')
      if (!shown || !journal.knew(row!.edit, shown.id) || this.#mayBeShown(device, shown, journal.announced(row!.edit))) continue
      checks.fail(`(f) ${device.name} made ${key} private (${row!.edit}), and the store still shows ${shown.id}`)
    }
  }

  /** Whether the store may still show the edit `shown`, although the device made the row private by `leave`, the delete that others got for it. */
  #mayBeShown({ name, workspaceId }: SimDevice, shown: Edit, leave: Edit | undefined): boolean {
    if (!leave || leave === shown) return false
    // The delete was refused and the user discarded it.
    if (leave.discardedBy.has(name)) return true
    // The edit was in the outbox when the database was copied. The copy does not know that the row is private now, and sends the edit again.
    if (this.world.hasCopy(shown.device)) return true
    // Somebody else's retry raised the edit above the delete. It was refused before, because of the role (the edit had arrived, and its reply was
    // lost) or for its age (it was queued again after a restore, and the store has purged the delete).
    const row = this.world.oracle.rows(workspaceId).get(recordKey(shown.tableName, shown.pk))
    const retrier = this.world.devices.find(({ deviceId }) => deviceId === row?.stamp.deviceId)
    if (!row || !retrier || retrier.name === name || !shown.retriedBy.has(retrier.name)) return false
    return leave.clock !== undefined && (row.stamp.clock > leave.clock || this.world.traits.purge)
  }

  /**
   * Whether the device has a row of this record that only its version of the app keeps here: what the store has or an edit made upon that, or an edit
   * that was not sent because `upgradeRow` made its row private.
   */
  turnedPrivate(device: SimDevice, { tableName, pk, stamp }: { tableName: string, pk: string, stamp: Revision }): boolean {
    const key = `${tableName}/${pk}`
    const kept = device.privateRows().get(key) ?? device.records().get(key)
    if (!kept?.row || !device.keepsHere(kept)) return false
    const { clock, hlc, opId } = kept
    return opId === undefined ? kept.row.scope !== undefined : compareRevisions({ clock, hlc, opId }, stamp) >= 0
  }

  /** Whether the device keeps this change, or a newer one of the record, in quarantine. */
  setAside(device: SimDevice, change: { tableName: string, pk: string, stamp: { clock: number, hlc: string, opId: string } }): boolean {
    return device.quarantine().some(set => set.tableName === change.tableName && set.pk === change.pk && compareRevisions(set.change.stamp, change.stamp) >= 0)
  }
}
