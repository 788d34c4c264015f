import type { SyncSchema } from '../../../shared/sync/schema/sync-schema'
import type { SyncChange, SyncProvider } from '../../../shared/sync/protocol/types'
import { tablesOnWire } from '../../../shared/sync/schema/wire-names'

/**
 * The same provider for an app that calls tables by other names than they have on the wire. Inside this border tables are called as the
 * app declares them. Changes of tables that it does not declare are left out here: on the wire one may be called like another of its own.
 */
export function nameTables(provider: SyncProvider, schema: Pick<SyncSchema, 'tables'>): SyncProvider {
  const onWire = tablesOnWire(schema)
  if ([...onWire].every(([wireName, { name }]) => wireName === name)) return provider
  const toWire = (name: string) => schema.tables[name]?.wireName ?? name
  const toLocal = (changes: SyncChange[]) => Array.isArray(changes) ? changes.flatMap(change => localChange(change, name => onWire.get(name)?.name)) : changes
  const { id, mode, maxOps, updateCursor, schemaVersion } = provider
  return {
    id, mode,
    ...(maxOps === undefined ? {} : { maxOps }),
    push: (batch, options) => provider.push({ ...batch, ops: batch.ops.map(op => ({ ...op, tableName: toWire(op.tableName) })) }, options),
    async pull(request) {
      const page = await provider.pull({ ...request, ...(request.tables ? { tables: request.tables.map(toWire) } : {}) })
      return page && { ...page, changes: toLocal(page.changes) }
    },
    subscribe: (scope, tables, onChanges, options) => provider.subscribe(scope, tables.map(toWire), (changes, page) => onChanges(toLocal(changes), page), options),
    ...(schemaVersion ? { schemaVersion: () => schemaVersion.call(provider) } : {}),
    ...(updateCursor ? { updateCursor: (scope, deviceId, version) => updateCursor.call(provider, scope, deviceId, version) } : {}),
  }
}

/** What is no change stays what it is: whoever looks at it says so. */
function localChange(change: SyncChange, toLocal: (wireName: string) => string | undefined): SyncChange[] {
  if (typeof change?.tableName !== 'string') return [change]
  const tableName = toLocal(change.tableName)
  return tableName === undefined ? [] : [{ ...change, tableName }]
}
