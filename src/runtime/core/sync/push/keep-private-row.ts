import type { EngineContext } from '../context/engine-context'
import { givenUpTombstone } from '../progress/given-up'
import type { OutboxView } from '../queue/outbox-view'
import { keepHere } from '../rows/keep-here'

/**
 * Before the entries of a record leave the outbox because its row is private now: keeps the row as one that nobody else has. Must run in the transaction
 * that removes them. Undefined: there is no row to keep.
 */
export function keepPrivateRow({ db, env }: EngineContext, view: OutboxView, key: string): Promise<void> | undefined {
  const entry = view.latest(key)
  if (entry?.op !== 'put') return
  const base = view.base(key)
  // Others keep the revision that the edit was made upon. The tombstone notes it, for when the row is shared again.
  const beside = base ? givenUpTombstone(entry.tableName, { ...entry, base, unheard: view.unheard(key) }, env.clock.now()) : null
  return keepHere(db, entry.tableName, entry, beside)
}
