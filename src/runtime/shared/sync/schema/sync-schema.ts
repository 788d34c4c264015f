import type { StandardSchemaV1 } from '@standard-schema/spec'
import { checkSyncSchema } from './check-sync-schema'
import { ROW_MAX_BYTES } from '../protocol/limits'

export { SyncSchemaError } from './sync-schema-error'

/** What an app says about one table. `S` is its Standard Schema (zod is what the docs show). */
export interface SyncTableDefinition<S extends StandardSchemaV1 = StandardSchemaV1> {
  /** Types the rows and checks every payload: on the way out, on the server, on the way in. Must be synchronous. */
  schema: S
  /** The field that identifies a row: a string of 1 to 256 characters. */
  primaryKey: NoInfer<Extract<keyof StandardSchemaV1.InferInput<S>, string>>
  /** Dexie indexes beside the primary key: `'list_id'`, `'[list_id+position]'`, `'*tags'`. Default: none. */
  indexes?: string[]
  /** Local camelCase name -> wire snake_case name, where they differ. */
  fields?: Record<string, string>
  /** `false` holds the edit back: counted, not sent, until a later edit makes it true. Default: everything is sent. */
  capture?: (row: NoInfer<StandardSchemaV1.InferInput<S>>) => boolean
  /** `true` keeps the row on this device for good. Default: nothing is excluded. */
  exclude?: (row: NoInfer<StandardSchemaV1.InferInput<S>>) => boolean
  /** UTF-8 bytes of a row's JSON, at most 1,040,384. Default: 262,144 (256 KiB). */
  maxBytes?: number
  /**
   * Makes a row of today's shape from one of any earlier shape: a decoded local row, perhaps with old and new fields mixed. Pure, synchronous and
   * idempotent; keeps the primary key. Runs over stored rows when `version` rises, and over every row that comes in. Default: rows stay as they are.
   */
  upgradeRow?: (row: Record<string, unknown>) => Record<string, unknown>
  /** The table's name on the wire, in the store and on Convex: what it was called before it was renamed. Default: its own name. */
  wireName?: string
}

/** A version of the schema that has to change rows already there. */
export interface SyncSchemaStep {
  version: number
  /** Runs once on each device, as in Dexie. Rows that it creates are synced, below every edit; what it changes or deletes is not captured. */
  upgrade: (tx: unknown) => void | PromiseLike<unknown>
}

export interface SyncSchemaDefinition<T extends Record<string, StandardSchemaV1>> {
  /** Rises by at least 1 with every change of the file. */
  version: number
  tables: { [K in keyof T]: SyncTableDefinition<T[K]> }
  steps?: SyncSchemaStep[]
}

/** A table as the engine and the server use it: every default filled in. */
export interface SyncTable<S extends StandardSchemaV1 = StandardSchemaV1> {
  readonly name: string
  readonly wireName: string
  readonly schema: S
  /** Local name of the key. */
  readonly primaryKey: string
  /** Its name in payloads. */
  readonly wirePrimaryKey: string
  readonly indexes: readonly string[]
  /** As declared: local name -> wire name. */
  readonly fields: Readonly<Record<string, string>>
  readonly toWireName: ReadonlyMap<string, string>
  readonly toLocalName: ReadonlyMap<string, string>
  readonly capture?: (row: never) => boolean
  readonly exclude?: (row: never) => boolean
  readonly upgradeRow?: (row: Record<string, unknown>) => unknown
  readonly maxBytes: number
}

/** Which of a table's fields have another name on the wire, in both directions. */
export type FieldNames = Pick<SyncTable, 'toWireName' | 'toLocalName'>

/** What `defineSyncSchema` returns: the one description every end works from. */
export interface SyncSchema<T extends Record<string, StandardSchemaV1> = Record<string, StandardSchemaV1>> {
  readonly version: number
  readonly tables: { readonly [K in keyof T]: SyncTable<T[K]> }
  readonly steps: readonly SyncSchemaStep[]
}

/** The Standard Schemas of a schema's tables, by table. */
export type SchemaTables<S extends { tables: object }> = {
  [K in keyof S['tables']]: S['tables'][K] extends SyncTable<infer R> ? R : never
}

/**
 * Declares the app's synced tables, once, for client, server and Convex.
 *
 * @throws SyncSchemaError for a schema that cannot work: an unknown option, no string for a primary key, an index on an unknown field or on
 * values that IndexedDB cannot index, an engine column or a reserved name as a field, an asynchronous schema.
 */
export function defineSyncSchema<T extends Record<string, StandardSchemaV1>>(definition: SyncSchemaDefinition<T>): SyncSchema<T> {
  checkSyncSchema(definition)
  const tables: Record<string, SyncTable> = {}
  for (const [name, table] of Object.entries(definition.tables as unknown as Record<string, SyncTableDefinition>)) {
    tables[name] = toTable(name, table)
  }
  return { version: definition.version, tables: tables as SyncSchema<T>['tables'], steps: definition.steps ?? [] }
}

function toTable(name: string, definition: SyncTableDefinition): SyncTable {
  const fields = Object.entries(definition.fields ?? {})
  return {
    name,
    wireName: definition.wireName ?? name,
    schema: definition.schema,
    primaryKey: definition.primaryKey,
    wirePrimaryKey: definition.fields?.[definition.primaryKey] ?? definition.primaryKey,
    indexes: definition.indexes ?? [],
    fields: definition.fields ?? {},
    toWireName: new Map(fields),
    toLocalName: new Map(fields.map(([local, wire]) => [wire, local])),
    capture: definition.capture as SyncTable['capture'],
    exclude: definition.exclude as SyncTable['exclude'],
    upgradeRow: definition.upgradeRow,
    maxBytes: definition.maxBytes ?? ROW_MAX_BYTES,
  }
}
