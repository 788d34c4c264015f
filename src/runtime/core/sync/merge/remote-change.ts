import type { StoredRevision, SyncChange } from '../../../shared/sync/protocol/types'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import { primaryKeyError } from '../../../shared/sync/protocol/primary-key'
import { stampProblem } from '../../../shared/sync/protocol/stamp-problem'
import type { ConflictSide } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import { isStorable } from '../rows/is-storable'
import { decodeRemoteRow } from '../rows/sync-payload-normalizer'

/** A change from the store, decoded and checked. It can be applied if it has no `problem`. */
export interface RemoteChange extends SyncChange {
  /** The local row without engine columns, even if it cannot be applied. Absent for a delete, and if no payload came. */
  row?: Record<string, unknown>
  /** Why the change cannot be applied and has to go to quarantine. */
  problem?: string
  /** The only problem is that `exclude` is true for the row here. */
  isExcluded?: true
}

/** Decodes and checks changes, before any transaction is opened. Changes of tables that this device does not know are left out. */
export function readRemoteChanges(context: EngineContext, changes: readonly SyncChange[]): RemoteChange[] {
  const known: RemoteChange[] = []
  for (const change of changes) {
    const table = Object.hasOwn(context.schema.tables, change.tableName) ? context.schema.tables[change.tableName] : undefined
    if (!table) continue
    const unusable = stampProblem(change.stamp) ?? primaryKeyError(change.pk)
    if (change.op === 'delete') {
      known.push(unusable ? { ...change, problem: unusable } : change)
      continue
    }
    const decoded = decodeRemoteRow(table, change.pk, change.payload)
    const remote: RemoteChange = { ...change, row: decoded.row }
    if (!decoded.ok && decoded.isUnreadable) delete remote.payload
    const problem = unusable ?? (decoded.ok ? null : decoded.error)
    known.push(problem ? { ...remote, problem } : judgeExcluded(context, table, remote))
  }
  return known
}

/** Removes content that IndexedDB cannot store, which a custom provider may hand over. The change then goes to quarantine. */
export function withoutUnstorable(change: RemoteChange): RemoteChange {
  if (isStorable(change.payload) && isStorable(change.row)) return change
  const { payload: _payload, row: _row, ...named } = change
  return { ...named, problem: 'payload: holds a value that no database can keep, such as a function' }
}

/** Marks a change whose row is private by this app's `exclude`. Its own device may run another version of the app, and so has sent it. */
function judgeExcluded(context: EngineContext, table: SyncTable, change: RemoteChange): RemoteChange {
  try {
    return context.isExcluded(table, change.row!) ? { ...change, problem: `rows like this one of "${table.name}" stay on their device`, isExcluded: true } : change
  }
  catch (error) { return { ...change, problem: (error as Error).message } }
}

/** A change as one side of a conflict. */
export function sideOf({ op, row, stamp: { clock, hlc, opId, deviceId } }: RemoteChange): ConflictSide {
  return { op, row, clock, hlc, opId, deviceId }
}

/** A revision from a push reply or quarantine, as a change of its record. */
export function asChange(tableName: string, pk: string, revision: StoredRevision): SyncChange {
  return { tableName, pk, ...revision }
}
