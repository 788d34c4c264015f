import { checkFields, reservedProblem } from './check-fields'
import { checkIndexes } from './check-indexes'
import { unknownOption } from './check-options'
import { fieldAt, fieldKind } from './field-kind'
import { findAsyncFunction, isAsyncFunction, schemaFields } from './inspect-schema'
import { isPositiveInteger } from './is-positive-integer'
import { ROW_BYTES_LIMIT } from '../protocol/limits'
import type { SyncTable, SyncTableDefinition } from './sync-schema'
import { SyncSchemaError } from './sync-schema-error'

/** Characters that have a meaning in Dexie's schema syntax, so they cannot be part of a primary key's name. */
const DEXIE_SYNTAX = /[\s&*+,.[\]]/

/** A table that has not been checked yet. */
export type LooseTable = { [option in keyof SyncTableDefinition]?: unknown } & { schema?: { '~standard'?: { validate?: (value: unknown) => unknown } } }

type Fail = (message: string, field?: string) => never
/** `known`: the schema's fields, as far as they can be seen. */
type Check = (table: LooseTable, known: ReadonlySet<string> | null, fail: Fail) => void

/** The options of a table that an app may set, each with its check. This is also the order of the checks, and of the names in messages. */
const CHECKS: Record<keyof SyncTableDefinition, Check> = {
  schema: ({ schema }, _, fail) => checkSchema(schema, fail),
  primaryKey: checkPrimaryKey,
  indexes: ({ indexes, schema }, known, fail) => checkIndexes(indexes, schema, known, fail),
  fields: ({ fields }, known, fail) => checkFields(fields, known, fail),
  capture: ({ capture }, _, fail) => checkQuestion('capture', capture, fail),
  exclude: ({ exclude }, _, fail) => checkQuestion('exclude', exclude, fail),
  maxBytes: ({ maxBytes }, _, fail) => {
    if (maxBytes !== undefined && (!isPositiveInteger(maxBytes) || maxBytes > ROW_BYTES_LIMIT)) {
      fail(`maxBytes must be a positive integer up to ${ROW_BYTES_LIMIT}, which is what one request can carry, not ${String(maxBytes)}`, 'maxBytes')
    }
  },
  upgradeRow: ({ upgradeRow }, _, fail) => {
    if (upgradeRow !== undefined && (typeof upgradeRow !== 'function' || isAsyncFunction(upgradeRow))) {
      fail('upgradeRow must be a synchronous function of a row that returns the row in today\'s shape', 'upgradeRow')
    }
  },
  // `checkWireNames` checks them for all tables together.
  wireName: () => {},
}

/** Properties that `defineSyncSchema` adds. They are accepted, so that a table of a finished schema can be used in another one. */
const MADE_OF_THEM: Record<Exclude<keyof SyncTable, keyof SyncTableDefinition>, true> = { name: true, wirePrimaryKey: true, toWireName: true, toLocalName: true }

/** Refuses a table that cannot work. @throws SyncSchemaError */
export function checkTable(name: string, table: LooseTable): void {
  const fail = (message: string, field?: string): never => {
    throw new SyncSchemaError(`table "${name}": ${message}`, { table: name, field })
  }
  const unknown = unknownOption(table, Object.keys(CHECKS), Object.keys(MADE_OF_THEM))
  if (unknown) fail(unknown.message, unknown.name)
  const known = schemaFields(table.schema)
  for (const check of Object.values(CHECKS)) check(table, known, fail)
}

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
  for (const field of known ?? []) {
    const reserved = reservedProblem(field)
    if (reserved) fail(`"${field}" ${reserved}; rename the field`, field)
  }
}

function checkQuestion(option: 'capture' | 'exclude', value: unknown, fail: Fail): void {
  if (value === undefined) return
  if (typeof value !== 'function') fail(`${option} must be a function of the row that returns a boolean`, option)
  if (isAsyncFunction(value)) fail(`${option} is asynchronous; it is asked inside a transaction and must return a boolean at once`, option)
}

function isThenable(value: unknown): boolean {
  return !!value && typeof (value as PromiseLike<unknown>).then === 'function'
}
