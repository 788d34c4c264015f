import appSchema from '#or3-sync-virtual/schema'
import type { SyncLogger } from '../../core/sync/environment/environment'

const told = new Set<string>()

/**
 * Helps whoever develops the app: Dexie names the fault of a query, and this logs the cure, which is in the sync schema. Each line is logged once. Other errors
 * speak for themselves.
 */
export function explainQueryError(error: unknown, log: Pick<SyncLogger, 'info'>): void {
  const line = error instanceof Error ? cureOf(error) : null
  if (!line || told.has(line)) return
  told.add(line)
  log.info(line)
}

function cureOf({ name, message }: Error): string | null {
  const tables = Object.keys(appSchema.tables).join(', ')
  const [, index, table] = /^KeyPath (.+) on object store (.+) is not indexed$/.exec(message) ?? []
  if (name === 'SchemaError' && index) return `A query needs an index that table ${table} does not have: add '${index}' to its indexes in the sync schema, or use filter().`
  if (name === 'InvalidTableError') return `A query reads a table that the sync schema does not declare. It declares: ${tables}.`
  if (name === 'TypeError' && message.includes('undefined')) return `A query read something of undefined. If that was a table of getDb(): the sync schema declares ${tables}.`
  return null
}
