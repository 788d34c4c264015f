import type { StoredRevision, SyncChange } from '../../../shared/sync/protocol/types'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'
import { primaryKeyError } from '../../../shared/sync/protocol/primary-key'
import { stampProblem } from '../../../shared/sync/protocol/stamp-problem'
import type { ConflictSide } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import { isStorable } from '../rows/is-storable'
import { decodeRemoteRow } from '../rows/sync-payload-normalizer'

/** A change that this device can apply. */
export interface RemoteChange extends SyncChange {
  /** Local row without engine columns, also one that cannot be applied; absent for a delete, and where no payload came. */
  row?: Record<string, unknown>
  /** Why the row cannot be applied: it goes to quarantine. */
  problem?: string
  /** The problem: rows of this kind stay on their device. */
  isExcluded?: true
}

/** Decodes and checks changes, outside any transaction. Tables that this device does not know are left out. */
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

/** The same change; without its content where IndexedDB cannot hold that, as a custom provider may hand it over. It is set aside then. */
export function withoutUnstorable(change: RemoteChange): RemoteChange {
  if (isStorable(change.payload) && isStorable(change.row)) return change
  const { payload: _payload, row: _row, ...named } = change
  return { ...named, problem: 'payload: holds a value that no database can keep, such as a function' }
}

/** A row that its own device should not have sent, as this version of the app sees it, has no place here either. */
function judgeExcluded(context: EngineContext, table: SyncTable, change: RemoteChange): RemoteChange {
  try {
    return context.isExcluded(table, change.row!) ? { ...change, problem: `rows like this one of "${table.name}" stay on their device`, isExcluded: true } : change
  }
  catch (error) { return { ...change, problem: (error as Error).message } }
}

/** What a conflict keeps of a change. */
export function sideOf({ op, row, stamp: { clock, hlc, opId, deviceId } }: RemoteChange): ConflictSide {
  return { op, row, clock, hlc, opId, deviceId }
}

/** A revision out of a push reply, as a change of its record. */
export function asChange(tableName: string, pk: string, revision: StoredRevision): SyncChange {
  return { tableName, pk, ...revision }
}
