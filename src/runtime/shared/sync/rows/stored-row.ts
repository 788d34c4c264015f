import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { WirePayload } from '../protocol/types'
import type { Revision } from '../protocol/revision'
import type { SyncTable } from '../schema/sync-schema'
import { upgradedOrSame } from './upgrade-row'
import { toLocalRow } from './validate-payload'

/** The row that a schema describes. Where no schema is known, fields are `unknown`. */
export type SchemaRow<S extends StandardSchemaV1> = unknown extends StandardSchemaV1.InferInput<S> ? Record<string, unknown> : StandardSchemaV1.InferInput<S>

/** A synced row with the engine's columns, as server code gets it. `S` is the schema of its table. */
export type StoredRow<S extends StandardSchemaV1> = SchemaRow<S> & { clock: number, hlc: string, op_id: string }

/** A payload as the row that a device has of it: local names, decoded values, today's shape, and the engine's columns. */
export function toStoredRow(table: SyncTable, payload: WirePayload, revision: Revision): Record<string, unknown> {
  return withRevision(upgradedOrSame(table, toLocalRow(table, payload)), revision)
}

/** A local row with the engine's columns. */
export function withRevision(row: Record<string, unknown>, { clock, hlc, opId }: Revision): Record<string, unknown> {
  return { ...row, clock, hlc, op_id: opId }
}
