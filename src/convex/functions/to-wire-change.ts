import type { Infer } from 'convex/values'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { wireChange } from './wire'

/** A row of the store in the form that travels. */
export function toWireChange({ serverVersion, tableName, pk, op, payload, stamp }: RecordRow): Infer<typeof wireChange> {
  return { serverVersion, tableName, pk, op, ...payload !== null && { payload }, stamp }
}
