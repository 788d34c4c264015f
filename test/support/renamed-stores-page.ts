import { defineSyncSchema, type SyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import { createSyncDatabase } from '../../src/runtime/core/sync/database/sync-database'

const row = z.object({ id: z.string(), text: z.string() })
/** Local name -> name on the wire. `a` has an index more. */
const schemaOf = (version: number, names: Record<string, string>) => defineSyncSchema({
  version,
  tables: Object.fromEntries(Object.entries(names).map(([name, wireName]) => [name, { schema: row, primaryKey: 'id', wireName, indexes: name === 'a' ? ['text'] : [] }])) as never,
}) as unknown as SyncSchema

/** Opens one database with one version of an app after the other. @returns what stands in `a` and `b`, and how `a` looks, after each. */
async function renameStores() {
  const seen: { a: unknown[], b: unknown[], indexes: string[], version: number }[] = []
  const tables: Record<string, string>[] = [{ a: 'a', b: 'b' }, { a: 'b', b: 'a' }, { a: 'new', b: 'b', c: 'a' }, { a: 'a', b: 'b' }]
  for (const [index, names] of tables.entries()) {
    const db = createSyncDatabase({ name: 'renamed', schema: schemaOf(index + 1, names) })
    if (index === 0) await Promise.all(['a', 'b'].map(name => db.table(name).put({ id: '1', text: `of ${name}` })))
    const [a, b] = await Promise.all(['a', 'b'].map(async name => (await db.table<{ text: string }>(name).toArray()).map(({ text }) => text)))
    seen.push({ a: a!, b: b!, indexes: [...db.backendDB().transaction('a').objectStore('a').indexNames], version: db.backendDB().version })
    db.close()
  }
  return seen
}

export type RenameStores = typeof renameStores
Object.assign(globalThis, { renameStores })
