import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { WirePayload } from '../protocol/types'
import type { Revision } from '../protocol/revision'
import type { SyncTable } from '../schema/sync-schema'
import { upgradedOrSame } from './upgrade-row'
import { toLocalRow } from './validate-payload'

/** A synced row with the engine's columns, as server code gets it. `S` is the schema of its table; where that is not known, fields are `unknown`. */
export type StoredRow<S extends StandardSchemaV1> =
  (unknown extends StandardSchemaV1.InferInput<S> ? Record<string, unknown> : StandardSchemaV1.InferInput<S>) & { clock: number, hlc: string, op_id: string }

/** A payload as the row that a device has of it: local names, decoded values, today's shape, and the engine's columns. */
export function toStoredRow(table: SyncTable, payload: WirePayload, { clock, hlc, opId }: Revision): Record<string, unknown> {
  return { ...upgradedOrSame(table, toLocalRow(table, payload)), clock, hlc, op_id: opId }
}
