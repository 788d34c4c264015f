import { SyncError } from '../../../shared/sync/protocol/errors'
import { copyData } from '../../../shared/sync/rows/copy-data'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'

/**
 * Asks a table's own function about a row. It gets a copy: what it writes there is in nothing that is stored or sent.
 *
 * @returns undefined where the table has no such function.
 * @throws SyncError `VALIDATION_ERROR` when it throws: no row can be judged by it then.
 */
export function askTable(table: SyncTable, name: 'capture' | 'exclude', row: Record<string, unknown>): boolean | undefined {
  const ask = table[name] as ((row: Record<string, unknown>) => unknown) | undefined
  if (!ask) return undefined
  try {
    const answer = ask(copyData(row))
    // Any promise is true: rows would be held or sent whatever it resolves to.
    if (typeof (answer as PromiseLike<unknown> | null | undefined)?.then === 'function') throw new TypeError('it returned a promise instead of a boolean')
    return Boolean(answer)
  }
  catch (error) {
    throw new SyncError('VALIDATION_ERROR', `${name} of table "${table.name}" threw: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}
