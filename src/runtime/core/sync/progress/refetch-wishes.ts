import type { RefetchState } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'

/** Tables that somebody wants fetched again. */
export async function readWishes({ sync_state }: EngineDatabase): Promise<Required<Omit<RefetchState, 'id'>>> {
  const { tables = [], asWriter = [] } = await sync_state.get('refetch') as RefetchState | undefined ?? {}
  return { tables, asWriter }
}

export interface WishChange {
  add?: readonly string[]
  end?: readonly string[]
  addAsWriter?: readonly string[]
  endAsWriter?: readonly string[]
}

/** Adds and ends wishes. Must run in the transaction that makes them true. */
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
