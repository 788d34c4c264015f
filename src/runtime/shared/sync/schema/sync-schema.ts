import type { StandardSchemaV1 } from '@standard-schema/spec'
import { checkSyncSchema } from './check-sync-schema'
import { ROW_MAX_BYTES } from '../protocol/limits'

export { SyncSchemaError } from './sync-schema-error'

/** The options of one table. `S` is its Standard Schema, such as a zod object; `I` its indexes, as declared. */
export interface SyncTableDefinition<S extends StandardSchemaV1 = StandardSchemaV1, I extends string = string> {
  /** Gives the rows their type, and checks every payload: before it is sent, on the server, and when it is received. Must be synchronous. */
  schema: S
  /** The field that identifies a row: a string of 1 to 256 characters. */
  primaryKey: NoInfer<Extract<keyof StandardSchemaV1.InferInput<S>, string>>
  /** Dexie indexes in addition to the primary key: `'list_id'`, `'[list_id+position]'`, `'*tags'`. Default: none. */
  indexes?: readonly I[]
  /** Local name -> name on the wire, for fields where they differ, such as `{ listId: 'list_id' }`. Default: none differ. */
  fields?: Record<string, string>
  /** `false` holds the edit: it is counted but not sent, until `capture` returns true for the row. Default: everything is sent. */
  capture?: (row: NoInfer<StandardSchemaV1.InferInput<S>>) => boolean
  /** `true` makes the row private: it stays on this device. Default: no row is private. */
  exclude?: (row: NoInfer<StandardSchemaV1.InferInput<S>>) => boolean
  /** UTF-8 bytes of a row's JSON, at most 1,040,384. Default: 262,144 (256 KiB). */
  maxBytes?: number
  /**
   * Brings a local row from any earlier shape into today's. The row may have old and new fields mixed. Must be pure, synchronous and
   * idempotent, and keep the primary key. Runs over stored rows when `version` rises, and over every row that is received. Default: rows stay as they are.
   */
  upgradeRow?: (row: Record<string, unknown>) => Record<string, unknown>
  /** The table's name on the wire, in the store and on Convex. Set it to the old name when you rename a table. Default: the table's name. */
  wireName?: string
}

/** A change of stored rows that a version of the schema needs. */
export interface SyncSchemaStep {
  version: number
  /** Runs once on each device, as `upgrade` in Dexie. Rows that it creates are synced, and lose to any edit. Its changes and deletes are not synced. */
  upgrade: (tx: unknown) => void | PromiseLike<unknown>
}

/** `I` and `P`: by table, its list of indexes and its primary key, so that types know these names. */
export interface SyncSchemaDefinition<T extends Record<string, StandardSchemaV1>, I = unknown, P = unknown> {
  /** Raise it with every change of the schema. */
  version: number
  tables: { [K in keyof T]: SyncTableDefinition<T[K]> } & { [K in keyof I]: { indexes?: I[K] } } & { [K in keyof P]: { primaryKey: P[K] | string } }
  steps?: SyncSchemaStep[]
}

/** A table as the engine and the server use it, with all defaults filled in. `I` and `P`: its indexes and its primary key, as far as types know them. */
export interface SyncTable<S extends StandardSchemaV1 = StandardSchemaV1, I extends string = string, P extends string = string> {
  readonly name: string
  readonly wireName: string
  readonly schema: S
  /** Local name of the key. */
  readonly primaryKey: P
  /** Its name in payloads. */
  readonly wirePrimaryKey: string
  readonly indexes: readonly I[]
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

/** What `defineSyncSchema` returns. Client, server and Convex all use it. */
export interface SyncSchema<T extends Record<string, StandardSchemaV1> = Record<string, StandardSchemaV1>, I = unknown, P = unknown> {
  readonly version: number
  readonly tables: {
    readonly [K in keyof T]: SyncTable<
      T[K],
      // `never`: the table declares none. Any text: types do not know them.
      K extends keyof I ? I[K] extends readonly (infer Name extends string)[] ? Name : never : string,
      K extends keyof P ? Extract<P[K], string> : string
    >
  }
  readonly steps: readonly SyncSchemaStep[]
}

/** The Standard Schemas of a schema's tables, by table. */
export type SchemaTables<S extends { tables: object }> = {
  [K in keyof S['tables']]: S['tables'][K] extends SyncTable<infer R> ? R : never
}

/**
 * Declares the app's synced tables. Client, server and Convex use the same schema.
 *
 * @throws SyncSchemaError for a schema that cannot work, such as an unknown option, a primary key that is no string, an index on an unknown
 * field or on values that IndexedDB cannot index, a field with a reserved name, or an asynchronous schema.
 */
export function defineSyncSchema<T extends Record<string, StandardSchemaV1>, const I, const P>(definition: SyncSchemaDefinition<T, I, P>): SyncSchema<T, I, P> {
  checkSyncSchema(definition)
  const tables: Record<string, SyncTable> = {}
  for (const [name, table] of Object.entries(definition.tables as unknown as Record<string, SyncTableDefinition>)) {
    tables[name] = toTable(name, table)
  }
  return { version: definition.version, tables: tables as SyncSchema<T, I, P>['tables'], steps: definition.steps ?? [] }
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
