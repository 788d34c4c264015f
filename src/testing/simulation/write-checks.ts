import { nextClock } from '#or3-sync/shared/sync/protocol/revision'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import type { BackendWrite, BackendWriteOutcome, SyncError } from 'or3-sync/server'
import type { Edit } from './journal'
import { serverName } from './server-name'
import type { SimRow } from './sim-schema'
import type { SimWorld } from './sim-world'
import type { OracleRow } from './store-oracle'

type ServerEdit = BackendWrite['edits'][number]

/**
 * (m) A write of the server's own is stored as a whole, above what it replaces, or not at all; and it is refused exactly where an expectation is
 * not met, or an update finds no row. Also tells the journal and the history of it, at the moment at which the store has committed it.
 */
export class WriteChecks {
  /** The edits of the call that is under way. The server makes one call at a time. */
  #edits: readonly Edit[] = []
  #refusal: string | null = null
  /** Workspace -> the highest HLC of the server's own writes there. */
  readonly #hlc = new Map<string, string>()

  constructor(private readonly world: SimWorld) {}

  /** The server calls `write` with these edits. */
  begin(edits: readonly Edit[]): void {
    this.#edits = edits
    this.#refusal = null
  }

  /** The store has answered. `stored`: what it had before. `rows`: what it has written. */
  decided({ workspaceId, edits }: BackendWrite, outcome: BackendWriteOutcome, { stored, rows }: { stored: ReadonlyMap<string, OracleRow>, rows: readonly OracleRow[] }): void {
    const before = (edit: ServerEdit) => stored.get(recordKey(edit.tableName, edit.pk))
    const problem = edits.map(edit => problemOf(edit, before(edit)))
    this.#refusal = problem.includes('CONFLICT') ? 'CONFLICT' : problem.find(code => code !== null) ?? null
    if (!outcome.ok) return
    const ids = this.#edits.map(({ id }) => id).join(' ')
    if (this.#refusal) this.#fail(`${ids} was stored, though the store had to refuse it with ${this.#refusal}`)
    const written = new Map(rows.map(row => [recordKey(row.tableName, row.pk), row]))
    for (const [index, edit] of edits.entries()) this.#checkEdit(workspaceId, this.#edits[index]!, { before: before(edit), now: written.get(recordKey(edit.tableName, edit.pk)), opId: edit.opId })
    this.#record(workspaceId, rows, stored)
  }

  /** The gateway has answered. `answer`: the rows as they are now, null for deletes. */
  answered(edits: readonly Edit[], answer: readonly (SimRow | null)[]): void {
    for (const [index, { id, op }] of edits.entries()) {
      const row = answer[index]
      if (op === 'delete' ? row !== null : row?.edit !== id) this.#fail(`${id} was answered with ${row ? row.edit : 'no row'}`)
    }
  }

  refused(edits: readonly Edit[], { code, message }: SyncError): void {
    for (const edit of edits) this.world.journal.close(edit, 'aborted')
    if (code !== this.#refusal) this.#fail(`${edits.map(({ id }) => id).join(' ')} was refused with ${code}, and not with ${this.#refusal ?? 'nothing'}: ${message}`)
  }

  /** The store was restored, and with it the clock of the server's own writes. */
  restored(): void {
    this.#hlc.clear()
  }

  #checkEdit(workspaceId: string, edit: Edit, { before, now, opId }: { before?: OracleRow, now?: OracleRow, opId: string }): void {
    const { journal } = this.world
    edit.parent = before ? journal.ofOp(before.stamp.opId) ?? null : null
    if (!now) {
      if (edit.op === 'put' || before?.op === 'put') this.#fail(`${edit.id} was not stored, though the rest of its call was`)
      // There was nothing to delete.
      return journal.close(edit, 'aborted')
    }
    const { clock, hlc } = now.stamp
    if (this.#isForgotten(before, now)) before = undefined
    if (now.stamp.opId !== opId || clock !== nextClock(before?.stamp.clock) || hlc <= (before?.stamp.hlc ?? '')) {
      this.#fail(`${edit.id} was stamped ${clock} ${hlc}, above ${before ? `${before.stamp.clock} ${before.stamp.hlc}` : 'nothing'}`)
    }
    if (hlc <= (this.#hlc.get(workspaceId) ?? '')) this.#fail(`${edit.id} was stamped ${hlc}, though the server had written ${this.#hlc.get(workspaceId)} before`)
    this.#hlc.set(workspaceId, hlc)
    journal.alias(opId, edit.id)
    edit.clock = clock
    journal.close(edit, 'committed')
  }

  /** Whether the store did not know a deleted record any more, because it forgets them after some weeks. */
  #isForgotten(before: OracleRow | undefined, now: OracleRow): boolean {
    return this.world.traits.purge && before?.op === 'delete' && now.stamp.clock === nextClock(undefined)
  }

  #record(workspaceId: string, rows: readonly OracleRow[], stored: ReadonlyMap<string, OracleRow>): void {
    if (!rows.length) return
    const { journal, history, log } = this.world
    const names = rows.map(row => [row, `${row.tableName}/${row.pk}`] as const)
    history?.served(
      workspaceId,
      new Map(names.map(([row, record]) => [record, stored.get(recordKey(row.tableName, row.pk))?.stamp ?? null])),
      names.map(([{ op, stamp }, record]) => ({ record, revision: stamp, isDelete: op === 'delete', label: journal.ofOp(stamp.opId) })),
    )
    log(`${serverName(workspaceId)} wrote ${rows.map(({ stamp }) => journal.ofOp(stamp.opId)).join(' ')}`)
  }

  #fail(message: string): never {
    return this.world.checks.fail(`(m) ${message}`)
  }
}

/** With which code an edit has to be refused. Null: it is not. */
function problemOf({ kind, expect }: ServerEdit, stored: OracleRow | undefined): 'CONFLICT' | 'NOT_FOUND' | null {
  const isThere = stored?.op === 'put'
  if (expect === null ? isThere : expect !== undefined && (stored?.stamp.clock !== expect.clock || stored.stamp.hlc !== expect.hlc)) return 'CONFLICT'
  return kind === 'update' && !isThere ? 'NOT_FOUND' : null
}
