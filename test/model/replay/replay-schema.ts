import { z } from 'zod'
import { defineSyncSchema, type SyncSchema } from 'or3-sync/schema'

/** `edit`: the number of the edit in the model. `capture` makes the engine read the outbox for every batch. */
export const replayTables = defineSyncSchema({ version: 1, tables: { items: { schema: z.object({ id: z.string(), edit: z.number() }), primaryKey: 'id', capture: () => true } } })

export const replaySchema = replayTables as unknown as SyncSchema
