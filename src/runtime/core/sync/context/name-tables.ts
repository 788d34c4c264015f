import type { SyncSchema } from '../../../shared/sync/schema/sync-schema'
import type { SyncChange, SyncProvider } from '../../../shared/sync/protocol/types'
import { tablesOnWire } from '../../../shared/sync/schema/wire-names'
import { providerParts } from '../transport/provider-parts'

/**
 * Wraps a provider so that the engine uses the app's names of tables, and the provider those on the wire. Changes of tables that the app does not
 * declare are left out: such a table's name on the wire may be the app's name for another table.
 */
export function nameTables(provider: SyncProvider, schema: Pick<SyncSchema, 'tables'>): SyncProvider {
  const onWire = tablesOnWire(schema)
  if ([...onWire].every(([wireName, { name }]) => wireName === name)) return provider
  const toWire = (name: string) => schema.tables[name]?.wireName ?? name
  const toLocal = (changes: SyncChange[]) => Array.isArray(changes) ? changes.flatMap(change => localChange(change, name => onWire.get(name)?.name)) : changes
  const { updateCursor } = provider
  return {
    ...providerParts(provider),
    push: (batch, options) => provider.push({ ...batch, ops: batch.ops.map(op => ({ ...op, tableName: toWire(op.tableName) })) }, options),
    async pull(request) {
      const page = await provider.pull({ ...request, ...(request.tables ? { tables: request.tables.map(toWire) } : {}) })
      return page && { ...page, changes: toLocal(page.changes) }
    },
    subscribe: (scope, tables, onChanges, options) => provider.subscribe(scope, tables.map(toWire), (changes, page) => onChanges(toLocal(changes), page), options),
    ...(updateCursor ? { updateCursor: (scope, deviceId, version) => updateCursor.call(provider, scope, deviceId, version) } : {}),
  }
}

/** The change with the app's table name. Something that is not a change stays as it is; the check of the page reports it later. */
function localChange(change: SyncChange, toLocal: (wireName: string) => string | undefined): SyncChange[] {
  if (typeof change?.tableName !== 'string') return [change]
  const tableName = toLocal(change.tableName)
  return tableName === undefined ? [] : [{ ...change, tableName }]
}
