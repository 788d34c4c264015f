import { defineSchema } from 'convex/server'
import type { FunctionModule } from './app-module'
import * as probe from './probe-functions'
import { probeTables } from './probe-functions'

export const appSchema = defineSchema({ ...probeTables })
/** The function files of the playground's deployment, and the probes of the loopback's own tests. */
export const appModules: Record<string, FunctionModule> = { probe }
