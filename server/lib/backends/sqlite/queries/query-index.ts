import { createHash } from 'node:crypto'
import { ENGINE_COLUMNS } from '#or3-sync/shared/sync/schema/engine-tables'
import type { SyncTable } from '#or3-sync/shared/sync/schema/sync-schema'
import { VALUE_TAGS } from '#or3-sync/shared/sync/rows/value-tags'

/** All indexes of SQLite that are made for queries have names with this prefix. */
export const QUERY_INDEX_PREFIX = 'or3_query_'

/** An index of SQLite for a declared index of a table. */
export interface QueryIndex {
  name: string
  /** The statement that makes it. */
  sql: string
  /** One expression for each field. See {@link keyExpression}. */
  keys: readonly string[]
}

/** Field names that need no escapes, neither in a JSON path nor in SQL. */
const PLAIN_NAME = /^[\p{L}\p{N}_$-]+$/u

/**
 * The index of SQLite that has the same rows, in the same order, as a declared index has in IndexedDB. Null: there is none, and such queries
 * read the whole table. That is so for multi-entry indexes, for engine columns, for names and paths that JSON in SQLite may read differently,
 * and for tables with `upgradeRow`, whose rows are stored in earlier shapes.
 */
export function queryIndex(table: SyncTable, index: string): QueryIndex | null {
  if (table.upgradeRow || index.startsWith('*')) return null
  const paths = index.startsWith('[') ? index.slice(1, -1).split('+') : [index]
  const keys = paths.map(path => fieldKey(table, path))
  if (!keys.every(key => key !== null)) return null
  const columns = ['workspace', ...keys, 'pk'].join(', ')
  // `wireName` has letters, digits and underscores only. The schema checks that.
  const body = `ON records (${columns}) WHERE tbl = '${table.wireName}' AND op = 'put'`
  const name = `${QUERY_INDEX_PREFIX}${table.wireName}_${createHash('sha256').update(body).digest('hex').slice(0, 16)}`
  return { name, sql: `CREATE INDEX IF NOT EXISTS ${name} ${body}`, keys }
}

/** The expression for a local path such as `meta.kind`, or null. */
function fieldKey(table: SyncTable, path: string): string | null {
  const [field, ...inner] = path.split('.') as [string, ...string[]]
  if (ENGINE_COLUMNS.has(field) || ![field, ...inner].every(name => PLAIN_NAME.test(name))) return null
  // Paths that mean something else in a payload than in a row: items and lengths of arrays, and tagged values.
  if (inner.some(name => /^\d+$/.test(name) || name === 'length' || VALUE_TAGS.has(name))) return null
  const wireName = table.toWireName.get(field) ?? field
  if (!PLAIN_NAME.test(wireName)) return null
  // Under its local name, such a field may stand in payloads from before it got another name on the wire. `decodePayload` reads those, too.
  const isAlsoLocal = wireName !== field && !table.toLocalName.has(field)
  const pathOf = (name: string) => [name, ...inner].map(part => `."${part}"`).join('')
  if (isAlsoLocal) return keyExpression(`CASE WHEN json_type(payload, '$."${wireName}"') IS NULL THEN payload -> '$${pathOf(field)}' ELSE payload -> '$${pathOf(wireName)}' END`, '')
  // The field's name is that of another field on the wire, so it is never read under it.
  return keyExpression('payload', pathOf(wireName))
}

/**
 * The value at a JSON path, in a form that SQLite sorts as IndexedDB sorts keys: numbers as REAL, dates as TEXT, texts as BLOB, bytes and
 * arrays as one BLOB above all texts. NULL for what is no key. Two things differ: the order of texts, which is that of code points, and the
 * order among bytes and arrays.
 */
function keyExpression(json: string, path: string): string {
  const at = (inner = '') => `'$${path}${inner}'`
  const type = (inner = '') => `json_type(${json}, ${at(inner)})`
  const value = (inner = '') => `${json} ->> ${at(inner)}`
  return `CASE ${type()}`
    + ` WHEN 'text' THEN CAST(${value()} AS BLOB)`
    + ` WHEN 'integer' THEN CAST(${value()} AS REAL)`
    + ` WHEN 'real' THEN ${value()}`
    + ' WHEN \'array\' THEN x\'FF\''
    + ' WHEN \'object\' THEN CASE'
    + ` WHEN ${type('."$date"')} IN ('integer', 'real') THEN printf('%017d', CAST(${value('."$date"')} AS INTEGER) + ${DATE_OFFSET})`
    + ` WHEN ${value('."$number"')} = 'Infinity' THEN 9e999`
    + ` WHEN ${value('."$number"')} = '-Infinity' THEN -9e999`
    + ` WHEN ${type('."$bytes"')} IS NOT NULL THEN x'FF'`
    + ' END END'
}

/** Makes the milliseconds of every valid date positive: they are at most this far from 1970. No literal, because Nitro builds for engines without those. */
export const DATE_OFFSET = BigInt(8_640_000_000_000_000)
