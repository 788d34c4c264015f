import { unknownOption } from './check-options'
import { checkTable, type LooseTable } from './check-table'
import { checkWireNames } from './check-wire-names'
import { ENGINE_TABLE_NAMES } from './engine-tables'
import { isPositiveInteger } from './is-positive-integer'
import { SCHEMA_VERSION_MAX } from '../protocol/limits'
import { SyncSchemaError } from './sync-schema-error'

const SCHEMA_OPTIONS = ['version', 'tables', 'steps']
const STEP_OPTIONS = ['version', 'upgrade']
const TABLE_NAME = /^[a-z]\w{0,63}$/i
/** A table with one of these names would hide a property of the Dexie database. */
const DEXIE_NAMES: ReadonlySet<string> = new Set([
  'name', 'tables', 'verno', 'vip', 'core', 'version', 'open', 'close', 'delete', 'transaction', 'table', 'on', 'use', 'unuse',
  'isOpen', 'hasFailed', 'hasBeenClosed', 'dynamicallyOpened', 'backendDB', 'idbdb', 'Table', 'Transaction', 'Version', 'WhereClause', 'Collection',
])

/** Refuses a schema that cannot work. The message says where the mistake is and what would be right. @throws SyncSchemaError */
export function checkSyncSchema(input: unknown): void {
  const definition = input as { version?: unknown, tables?: unknown, steps?: unknown } | null
  if (!definition || typeof definition !== 'object') throw new SyncSchemaError('defineSyncSchema needs an object { version, tables }')
  const unknown = unknownOption(definition, SCHEMA_OPTIONS)
  if (unknown) throw new SyncSchemaError(unknown.message, { field: unknown.name })
  const { version, tables } = definition
  if (!isPositiveInteger(version) || version > SCHEMA_VERSION_MAX) {
    throw new SyncSchemaError(`version must be a positive integer up to ${SCHEMA_VERSION_MAX}, which is what browsers can count, not ${show(version)}`, { field: 'version' })
  }
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
  if (name in Object.prototype) throw new SyncSchemaError(`table name "${name}" is a property of every object; choose another`, { table: name })
  if (DEXIE_NAMES.has(name)) throw new SyncSchemaError(`table name "${name}" is a property of every Dexie database; choose another`, { table: name })
}

function checkSteps(steps: unknown, version: number): void {
  if (steps === undefined) return
  if (!Array.isArray(steps)) throw new SyncSchemaError('steps must be an array of { version, upgrade }', { field: 'steps' })
  for (const step of steps as { version?: unknown, upgrade?: unknown }[]) {
    const unknown = step && unknownOption(step, STEP_OPTIONS)
    if (unknown) throw new SyncSchemaError(`a step: ${unknown.message}`, { field: unknown.name })
    if (!isPositiveInteger(step?.version) || step.version > version) {
      throw new SyncSchemaError(`a step's version must be an integer from 1 to ${version}, not ${show(step?.version)}`, { field: 'steps' })
    }
    if (typeof step.upgrade !== 'function') throw new SyncSchemaError(`step ${step.version}: upgrade must be a function of the transaction`, { field: 'upgrade' })
  }
}

function show(value: unknown): string {
  return value === undefined ? 'undefined' : JSON.stringify(value) ?? String(value)
}
