import { compareRevisions } from '#or3-sync/shared/sync/protocol/revision'
import { recordKey } from '#or3-sync/shared/sync/store/record-row'
import type { Edit } from './journal'
import type { SimDevice } from './sim-device'
import type { SimRow } from './sim-schema'
import type { SimWorld } from './sim-world'

/** What a private or held row may do, and what may be done to it: looked at on the disks, and at the store's door. */
export class PrivacyChecks {
  readonly #private = new Map<SimDevice, Map<string, SimRow>>()

  constructor(private readonly world: SimWorld) {}

  /** (f) What is private or held never leaves its device, not even to be refused. */
  arrived(payload: Record<string, unknown>): void {
    const edit = this.world.journal.edits.get(String(payload.edit))
    const what = edit?.secret || payload.secret ? 'the private' : payload.hold ? 'the held' : null
    if (what) this.world.checks.fail(`(f) ${what} edit ${String(payload.edit)} of ${edit?.device} was sent to the store`)
  }

  afterStep(device: SimDevice): void {
    const rows = device.privateRows()
    for (const [key, { row }] of rows) {
      if (!row!.secret) this.world.checks.fail(`(f) ${device.name}: ${key} (${row!.edit}) is shared, but carries no op id`)
    }
    for (const [key, before] of this.#private.get(device) ?? []) this.#checkChange(device, key, before, rows.get(key)?.row)
    this.#private.set(device, new Map([...rows].map(([key, { row }]) => [key, row!])))
    this.#checkHeld(device)
  }

  /** Its database is gone. */
  forget(device: SimDevice): void {
    this.#private.delete(device)
  }

  /** (f) A private row is changed by its own device's edits, by nothing from outside. */
  #checkChange(device: SimDevice, key: string, before: SimRow, now: SimRow | undefined): void {
    const { journal, checks } = this.world
    if (now?.edit === before.edit) return
    const edited = [...journal.edits.values()].some(({ parent, device: name, status }) => parent === before.edit && name === device.name && status !== 'aborted')
    if (!edited) checks.fail(`(f) ${device.name}: the private ${key} (${before.edit}) became ${now?.edit ?? 'nothing'}, though nobody edited it here`)
  }

  /** (f) What is held is marked so, what is not is not. */
  #checkHeld(device: SimDevice): void {
    const held = new Map(device.outbox().flatMap(({ status, ops }) => status === 'failed' ? [] : ops.map(({ opId }): [string, boolean] => [opId, status === 'held'])))
    for (const [key, { opId, row }] of device.shared()) {
      const isHeld = held.get(opId!)
      if (!row || isHeld === undefined || isHeld === (row.hold === true)) continue
      this.world.checks.fail(`(f) ${device.name}: the edit of ${key} (${row.edit}) ${isHeld ? 'is held, and should go' : 'should be held, and is on its way'}`)
    }
  }

  /** (f) At rest the store shows nothing of a row that has become private since. */
  atRest(device: SimDevice, stored: ReadonlyMap<string, string>): void {
    const { journal, checks } = this.world
    for (const [key, { row }] of device.privateRows()) {
      const shown = journal.edits.get(stored.get(key) ?? '')
      if (!shown || !journal.knew(row!.edit, shown.id) || this.#mayBeShown(device, shown, journal.announced(row!.edit))) continue
      checks.fail(`(f) ${device.name} made ${key} private (${row!.edit}), and the store still shows ${shown.id}`)
    }
  }

  /** Whether the store may show an edit although the device then made `leave`, the delete by which the row was taken from the others. */
  #mayBeShown({ name, workspaceId }: SimDevice, shown: Edit, leave: Edit | undefined): boolean {
    if (!leave || leave === shown) return false
    // Refused, and given up by the user.
    if (leave.discardedBy.has(name)) return true
    // It was waiting when its database was copied: the copy, which knows nothing of what became of the row, sends it above everything.
    if (this.world.hasCopy(shown.device)) return true
    // The edit had arrived, its reply was lost, then it was refused for the role: its own user tried it again, and it rose above the delete.
    const from = this.world.devices.find(({ name }) => name === shown.device)
    if (!from || from.name === name || !shown.retriedBy.has(from.name)) return false
    const row = this.world.oracle.rows(workspaceId).get(recordKey(shown.tableName, shown.pk))
    return row !== undefined && row.stamp.deviceId === from.deviceId && leave.clock !== undefined && row.stamp.clock > leave.clock
  }

  /** Whether what the device set aside for a private row is at least this. */
  setAside(device: SimDevice, change: { tableName: string, pk: string, stamp: { clock: number, hlc: string, opId: string } }): boolean {
    return device.quarantine().some(set => set.tableName === change.tableName && set.pk === change.pk && compareRevisions(set.change.stamp, change.stamp) >= 0)
  }
}
