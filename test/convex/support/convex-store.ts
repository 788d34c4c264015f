import { convexTest } from 'convex-test'
import type { GenericSchema, SchemaDefinition } from 'convex/server'

type Modules = Record<string, () => Promise<unknown>>

/** A deployment in this process, on the official test library, with the real limits of a transaction. */
export function openDeployment<Schema extends GenericSchema>(schema: SchemaDefinition<Schema, boolean>, modules: Modules) {
  // convex-test finds the folder of the functions by its `_generated`, which only a deployment can make.
  return convexTest({ schema, modules: { './_generated/api.ts': async () => ({}), ...modules }, transactionLimits: true })
}
