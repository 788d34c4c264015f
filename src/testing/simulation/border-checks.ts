import type { SimDevice } from './sim-device'
import type { SimWorld } from './sim-world'
import type { OracleRow } from './store-oracle'

/** (f) No row reaches another user or workspace, and only members who may write do so. */
export class BorderChecks {
  /** Op ids that the store has ever applied. After a restore any device may send them again. */
  readonly #applied = new Set<string>()

  constructor(private readonly world: SimWorld) {}

  /** `userId` null: the server itself wrote it. */
  applied({ workspaceId, userId }: { workspaceId: string, userId: string | null }, { stamp, tableName, pk }: OracleRow): void {
    const { members, journal, checks, devices } = this.world
    const role = userId === null ? 'owner' : members.role(userId, workspaceId)
    const what = `${tableName}/${pk}@${stamp.clock} in ${workspaceId}`
    if (role !== 'editor' && role !== 'owner') checks.fail(`(f) ${userId}, ${role ?? 'no member'}, changed ${what}`)
    const edit = journal.edits.get(journal.ofOp(stamp.opId) ?? '')
    const from = devices.find(({ name }) => name === edit?.device)
    const isFirst = !this.#applied.has(stamp.opId)
    this.#applied.add(stamp.opId)
    // After a restore, the edit may have been queued again by another user's device, refused for its age, and retried.
    const isRetried = edit !== undefined && edit.retriedBy.size > 0 && checks.restores > 0
    if (isFirst && !isRetried && from && from.userId !== userId) checks.fail(`(f) ${edit!.id} of ${from.userId} became ${what} as ${userId}'s`)
    const madeIn = edit && this.world.workspaceOf(edit.device)
    if (madeIn !== undefined && madeIn !== workspaceId) checks.fail(`(f) ${edit!.id}, made in ${madeIn}, became ${what}`)
  }

  afterStep(device: SimDevice): void {
    const { journal, checks } = this.world
    for (const [key, { row }] of device.records()) {
      const edit = row && journal.edits.get(row.edit)
      if (!edit || edit.device === device.name) continue
      const madeIn = this.world.workspaceOf(edit.device)
      if (madeIn !== undefined && madeIn !== device.workspaceId) checks.fail(`(f) ${device.name} of ${device.workspaceId} has ${key} (${edit.id}) from ${madeIn}`)
    }
  }
}
