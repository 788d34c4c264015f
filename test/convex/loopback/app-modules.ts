import { defineSchema } from 'convex/server'
import * as members from '../../../convex/members'
import schema from '../../../convex/schema'
import * as sync from '../../../convex/sync'
import type { FunctionModule } from './app-module'
import * as contract from './contract-functions'
import * as probe from './probe-functions'
import { probeTables } from './probe-functions'

/** The playground's tables, and one for the loopback's own tests. */
export const appSchema = defineSchema({ ...schema.tables, ...probeTables })
/** The playground's functions, the same over the schema of the contract suites, and those of the loopback's own tests. */
export const appModules: Record<string, FunctionModule> = { sync, members, contract, probe }
