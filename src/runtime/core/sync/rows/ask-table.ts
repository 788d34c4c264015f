import { SyncError } from '../../../shared/sync/protocol/errors'
import { copyData } from '../../../shared/sync/rows/copy-data'
import type { SyncTable } from '../../../shared/sync/schema/sync-schema'

/**
 * Calls a table's `capture` or `exclude` for a row. The function gets a copy, so that it cannot change what is stored or sent.
 *
 * @returns undefined if the table has no such function.
 * @throws SyncError `VALIDATION_ERROR` if the function throws or returns a promise.
 */
export function askTable(table: SyncTable, name: 'capture' | 'exclude', row: Record<string, unknown>): boolean | undefined {
  const ask = table[name] as ((row: Record<string, unknown>) => unknown) | undefined
  if (!ask) return undefined
  try {
    const answer = ask(copyData(row))
    // A promise is truthy. Taken as an answer it would always mean true, whatever it resolves to.
    if (typeof (answer as PromiseLike<unknown> | null | undefined)?.then === 'function') throw new TypeError('it returned a promise instead of a boolean')
    return Boolean(answer)
  }
  catch (error) {
    throw new SyncError('VALIDATION_ERROR', `${name} of table "${table.name}" threw: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}
