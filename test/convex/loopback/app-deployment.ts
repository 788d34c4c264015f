import { defineSchema } from 'convex/server'
import * as members from '../../../convex/members'
import schema from '../../../convex/schema'
import * as sync from '../../../convex/sync'
import * as contract from './contract-functions'
import type { DeploymentOptions } from './deployment'
import * as probe from './probe-functions'
import { probeTables } from './probe-functions'

/** The playground's deployment; beside it the sync functions over the schema of the contract suites, and the loopback's own. */
export const appDeployment: Pick<DeploymentOptions, 'schema' | 'modules'> = {
  schema: defineSchema({ ...schema.tables, ...probeTables }),
  modules: { sync, members, contract, probe },
}
