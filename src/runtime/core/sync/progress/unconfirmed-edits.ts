import type { UnconfirmedEdit } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import { recordKey } from '../../../shared/sync/protocol/record-key'

const PREFIX = 'unconfirmed:'

/** The id of an `UnconfirmedEdit`. It is stored, so its form must not change. */
export function unconfirmedId(tableName: string, pk: string): string {
  return `${PREFIX}${tableName}/${pk}`
}

/** Stores edits that a provider acknowledged without saying whether the store applied them. Must run in the transaction that removes them from the outbox. */
export async function noteUnconfirmed({ sync_state }: EngineDatabase, edits: readonly Omit<UnconfirmedEdit, 'id'>[]): Promise<void> {
  await sync_state.bulkPut(edits.map(edit => ({ id: unconfirmedId(edit.tableName, edit.pk), ...edit })))
}

/** The unconfirmed edits of some records, by `recordKey`. */
export async function readUnconfirmed({ sync_state }: EngineDatabase, tableName: string, pks: readonly string[]): Promise<Map<string, UnconfirmedEdit>> {
  const found = await sync_state.bulkGet(pks.map(pk => unconfirmedId(tableName, pk))) as (UnconfirmedEdit | undefined)[]
  return new Map(found.flatMap(edit => edit ? [[recordKey(tableName, edit.pk), edit]] : []))
}

/** Removes the unconfirmed edits of some records: the store has said what became of them. */
export async function confirm({ sync_state }: EngineDatabase, tableName: string, pks: readonly string[]): Promise<void> {
  if (pks.length) await sync_state.bulkDelete(pks.map(pk => unconfirmedId(tableName, pk)))
}

/** Removes edits that were acknowledged `before` this time (epoch milliseconds). @returns whether any are left. */
export async function forgetUnconfirmed({ sync_state }: EngineDatabase, before: number): Promise<boolean> {
  const all = sync_state.where(':id').startsWith(PREFIX)
  await all.filter(edit => (edit as UnconfirmedEdit).acknowledgedAt < before).delete()
  return await all.count() > 0
}
