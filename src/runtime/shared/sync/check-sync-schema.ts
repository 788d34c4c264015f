import { checkWireNames } from './check-wire-names'
import { ENGINE_COLUMNS, ENGINE_TABLE_NAMES } from './engine-tables'
import { findAsyncFunction, schemaFields } from './inspect-schema'
import { SyncSchemaError } from './sync-schema-error'

const TABLE_NAME = /^[a-z]\w{0,63}$/i
/** A table of such a name would hide a property of the Dexie database. */
const DEXIE_NAMES: ReadonlySet<string> = new Set([
  'name', 'tables', 'verno', 'vip', 'core', 'version', 'open', 'close', 'delete', 'transaction', 'table', 'on', 'use', 'unuse',
  'isOpen', 'hasFailed', 'hasBeenClosed', 'dynamicallyOpened', 'backendDB', 'idbdb', 'Table', 'Transaction', 'Version', 'WhereClause', 'Collection',
])

interface LooseTable {
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

/** Refuses a schema that cannot work, in words that say where and what would be right. */
export function checkSyncSchema(input: unknown): void {
  const definition = input as { version?: unknown, tables?: unknown, steps?: unknown } | null
  if (!definition || typeof definition !== 'object') throw new SyncSchemaError('defineSyncSchema needs an object { version, tables }')
  const { version, tables } = definition
  if (!isPositiveInteger(version)) throw new SyncSchemaError(`version must be a positive integer, not ${show(version)}`, { field: 'version' })
  if (!tables || typeof tables !== 'object' || Object.keys(tables).length === 0) {
    throw new SyncSchemaError('tables must be an object with at least one table', { field: 'tables' })
  }
  for (const [name, table] of Object.entries(tables as Record<string, LooseTable | null>)) {
    checkName(name)
    if (!table || typeof table !== 'object') throw new SyncSchemaError(`table "${name}" must be an object { schema, primaryKey }`, { table: name })
    checkTable(name, table)
  }
  checkWireNames(tables as Record<string, LooseTable>)
  checkSteps(definition.steps, version)
}

function checkName(name: string): void {
  if (!TABLE_NAME.test(name)) throw new SyncSchemaError(`table name "${name}" must be 1 to 64 letters, digits or underscores, starting with a letter`, { table: name })
  if (ENGINE_TABLE_NAMES.includes(name)) throw new SyncSchemaError(`table name "${name}" belongs to the sync engine; choose another`, { table: name })
  if (DEXIE_NAMES.has(name)) throw new SyncSchemaError(`table name "${name}" is a property of every Dexie database; choose another`, { table: name })
}

function checkTable(name: string, table: LooseTable): void {
  const fail = (message: string, field?: string): never => {
    throw new SyncSchemaError(`table "${name}": ${message}`, { table: name, field })
  }
  const standard = table.schema?.['~standard']
  if (typeof standard?.validate !== 'function') fail('schema must be a Standard Schema, such as z.object({ … })', 'schema')
  if (isThenable(standard!.validate!({})) || findAsyncFunction(table.schema)) {
    fail('schema is asynchronous; sync checks rows inside a transaction, so use synchronous checks only', 'schema')
  }
  const { primaryKey } = table
  if (typeof primaryKey !== 'string' || primaryKey === '') fail('primaryKey is missing; name the string field that identifies a row', 'primaryKey')
  const known = schemaFields(table.schema)
  if (known) {
    if (!known.has(primaryKey as string)) fail(`primaryKey "${String(primaryKey)}" is no field of its schema`, String(primaryKey))
    for (const column of ENGINE_COLUMNS) {
      if (known.has(column)) fail(`"${column}" is a column of the sync engine (clock, hlc, op_id); rename the field`, column)
    }
  }
  if (ENGINE_COLUMNS.has(primaryKey as string)) fail(`primaryKey "${String(primaryKey)}" is a column of the sync engine`, String(primaryKey))
  checkIndexes(table.indexes, known, fail)
  checkFields(table.fields, known, fail)
  for (const key of ['capture', 'exclude'] as const) {
    if (table[key] !== undefined && typeof table[key] !== 'function') fail(`${key} must be a function of the row that returns a boolean`, key)
  }
  if (table.upgradeRow !== undefined && (typeof table.upgradeRow !== 'function' || table.upgradeRow.constructor.name === 'AsyncFunction')) {
    fail('upgradeRow must be a synchronous function of a row that returns the row in today\'s shape', 'upgradeRow')
  }
  if (table.maxBytes !== undefined && !isPositiveInteger(table.maxBytes)) fail('maxBytes must be a positive integer', 'maxBytes')
}

type Fail = (message: string, field?: string) => never

function checkIndexes(indexes: unknown, known: ReadonlySet<string> | null, fail: Fail): void {
  if (indexes === undefined) return
  if (!Array.isArray(indexes) || indexes.some(index => typeof index !== 'string')) fail('indexes must be an array of strings', 'indexes')
  for (const index of indexes as string[]) {
    if (index.startsWith('&') || index.startsWith('++')) {
      fail(`index "${index}" is unique or auto-incremented, which devices that are offline cannot keep; use a plain index`, index)
    }
    const paths = /^\*?\[(.+)\]$/.exec(index)?.[1]?.split('+') ?? [index.replace(/^\*/, '')]
    for (const path of paths) {
      const field = path.split('.')[0]!
      if (field === '') fail(`index "${index}" names no field`, index)
      if (known && !known.has(field) && !ENGINE_COLUMNS.has(field)) fail(`index "${index}" names "${field}", which is no field of its schema`, index)
    }
  }
}

function checkFields(fields: unknown, known: ReadonlySet<string> | null, fail: Fail): void {
  if (fields === undefined) return
  if (!fields || typeof fields !== 'object') fail('fields must map local names to wire names', 'fields')
  const wireNames = new Set<string>()
  for (const [local, wire] of Object.entries(fields as Record<string, unknown>)) {
    if (known && !known.has(local)) fail(`fields names "${local}", which is no field of its schema`, local)
    if (typeof wire !== 'string' || wire === '') fail(`fields.${local} must be the wire name, a string`, local)
    if (wireNames.has(wire as string) || (known?.has(wire as string) && wire !== local)) fail(`fields.${local}: the wire name "${String(wire)}" is taken by another field`, local)
    if (ENGINE_COLUMNS.has(wire as string)) fail(`fields.${local}: "${String(wire)}" is a column of the sync engine`, local)
    wireNames.add(wire as string)
  }
}

function checkSteps(steps: unknown, version: number): void {
  if (steps === undefined) return
  if (!Array.isArray(steps)) throw new SyncSchemaError('steps must be an array of { version, upgrade }', { field: 'steps' })
  for (const step of steps as { version?: unknown, upgrade?: unknown }[]) {
    if (!isPositiveInteger(step?.version) || step.version > version) {
      throw new SyncSchemaError(`a step's version must be an integer from 1 to ${version}, not ${show(step?.version)}`, { field: 'steps' })
    }
    if (typeof step.upgrade !== 'function') throw new SyncSchemaError(`step ${step.version}: upgrade must be a function of the transaction`, { field: 'upgrade' })
  }
}

function isPositiveInteger(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0
}

function isThenable(value: unknown): boolean {
  return !!value && typeof (value as PromiseLike<unknown>).then === 'function'
}

function show(value: unknown): string {
  return value === undefined ? 'undefined' : JSON.stringify(value) ?? String(value)
}
