import type { RefetchState } from '../database/engine-records'
import type { EngineDatabase } from '../database/sync-database'

/** Tables that somebody wants fetched again. */
export async function readWishes({ sync_state }: EngineDatabase): Promise<readonly string[]> {
  return (await sync_state.get('refetch') as RefetchState | undefined)?.tables ?? []
}

/** Adds and ends wishes. Must run in the transaction that makes them true. */
export async function changeWishes({ sync_state }: EngineDatabase, { add = [], end = [] }: { add?: readonly string[], end?: readonly string[] }): Promise<void> {
  const wishes = await sync_state.get('refetch') as RefetchState | undefined
  const tables = [...new Set([...wishes?.tables ?? [], ...add])].filter(name => !end.includes(name))
  if (tables.length) await sync_state.put({ id: 'refetch', tables })
  else if (wishes) await sync_state.delete('refetch')
}
