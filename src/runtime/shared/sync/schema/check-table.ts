import { checkFields, reservedProblem } from './check-fields'
import { checkIndexes } from './check-indexes'
import { unknownOption } from './check-options'
import { fieldAt, fieldKind } from './field-kind'
import { findAsyncFunction, isAsyncFunction, schemaFields } from './inspect-schema'
import { isPositiveInteger } from './is-positive-integer'
import { ROW_BYTES_LIMIT } from '../protocol/limits'
import { SyncSchemaError } from './sync-schema-error'

/** Characters that have a meaning in Dexie's schema syntax, so they cannot be part of a primary key's name. */
const DEXIE_SYNTAX = /[\s&*+,.[\]]/

export interface LooseTable {
  schema?: { '~standard'?: { validate?: (value: unknown) => unknown } }
  primaryKey?: unknown
  indexes?: unknown
  fields?: unknown
  capture?: unknown
  exclude?: unknown
  maxBytes?: unknown
  upgradeRow?: unknown
  wireName?: unknown
}

/** Refuses a table that cannot work. @throws SyncSchemaError */
export function checkTable(name: string, table: LooseTable): void {
  const fail = (message: string, field?: string): never => {
    throw new SyncSchemaError(`table "${name}": ${message}`, { table: name, field })
  }
  const unknown = unknownOption('table', table)
  if (unknown) fail(unknown.message, unknown.name)
  checkSchema(table.schema, fail)
  const known = schemaFields(table.schema)
  checkPrimaryKey(table, known, fail)
  for (const field of known ?? []) {
    const problem = reservedProblem(field)
    if (problem) fail(`"${field}" ${problem}; rename the field`, field)
  }
  checkIndexes(table.indexes, table.schema, known, fail)
  checkFields(table.fields, known, fail)
  for (const key of ['capture', 'exclude'] as const) {
    if (table[key] === undefined) continue
    if (typeof table[key] !== 'function') fail(`${key} must be a function of the row that returns a boolean`, key)
    if (isAsyncFunction(table[key])) fail(`${key} is asynchronous; it is asked inside a transaction and must return a boolean at once`, key)
  }
  if (table.upgradeRow !== undefined && (typeof table.upgradeRow !== 'function' || isAsyncFunction(table.upgradeRow))) {
    fail('upgradeRow must be a synchronous function of a row that returns the row in today\'s shape', 'upgradeRow')
  }
  if (table.maxBytes !== undefined && (!isPositiveInteger(table.maxBytes) || table.maxBytes > ROW_BYTES_LIMIT)) {
    fail(`maxBytes must be a positive integer up to ${ROW_BYTES_LIMIT}, which is what one request can carry, not ${String(table.maxBytes)}`, 'maxBytes')
  }
}

type Fail = (message: string, field?: string) => never

function checkSchema(schema: LooseTable['schema'], fail: Fail): void {
  const validate = schema?.['~standard']?.validate
  if (typeof validate !== 'function') fail('schema must be a Standard Schema, such as z.object({ … })', 'schema')
  if (isThenable(schema!['~standard']!.validate!({})) || findAsyncFunction(schema)) {
    fail('schema is asynchronous; sync checks rows inside a transaction, so use synchronous checks only', 'schema')
  }
}

function checkPrimaryKey({ primaryKey, schema }: LooseTable, known: ReadonlySet<string> | null, fail: Fail): void {
  if (typeof primaryKey !== 'string' || primaryKey === '') return fail('primaryKey is missing; name the string field that identifies a row', 'primaryKey')
  if (DEXIE_SYNTAX.test(primaryKey)) fail(`primaryKey "${primaryKey}" must be the name of one field: no "++", "&", "*", brackets, dots, commas or spaces`, primaryKey)
  if (known && !known.has(primaryKey)) fail(`primaryKey "${primaryKey}" is no field of its schema`, primaryKey)
  const problem = reservedProblem(primaryKey)
  if (problem) fail(`primaryKey "${primaryKey}" ${problem}`, primaryKey)
  const kind = fieldKind(fieldAt(schema, primaryKey))
  if (kind !== null && kind !== 'string') fail(`primaryKey "${primaryKey}" is a ${kind}; a primary key must be a string, which devices can create offline, as with crypto.randomUUID()`, primaryKey)
}

function isThenable(value: unknown): boolean {
  return !!value && typeof (value as PromiseLike<unknown>).then === 'function'
}
