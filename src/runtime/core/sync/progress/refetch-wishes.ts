import type { RefetchState } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'

/** Tables that have to be fetched in full again. See `RefetchState`. */
export async function readWishes({ sync_state }: EngineDatabase): Promise<Required<Omit<RefetchState, 'id'>>> {
  const { tables = [], asWriter = [] } = await sync_state.get('refetch') as RefetchState | undefined ?? {}
  return { tables, asWriter }
}

/** Names of tables. `end` wins over `add`. */
export interface WishChange {
  add?: readonly string[]
  end?: readonly string[]
  addAsWriter?: readonly string[]
  endAsWriter?: readonly string[]
}

/** Adds tables to the list, and takes tables off it. Must run in the transaction that makes this necessary. */
export async function changeWishes({ sync_state }: Pick<EngineDatabase, 'sync_state'>, { add = [], end = [], addAsWriter = [], endAsWriter = [] }: WishChange): Promise<void> {
  const wishes = await sync_state.get('refetch') as RefetchState | undefined
  const tables = changed(wishes?.tables, add, end)
  const asWriter = changed(wishes?.asWriter, addAsWriter, endAsWriter)
  if (tables.length + asWriter.length) await sync_state.put({ id: 'refetch', tables, ...(asWriter.length ? { asWriter } : {}) })
  else if (wishes) await sync_state.delete('refetch')
}

function changed(names: readonly string[] = [], add: readonly string[], end: readonly string[]): string[] {
  return [...new Set([...names, ...add])].filter(name => !end.includes(name))
}
