import schema from '../support/deployment/schema'
import * as sync from '../support/deployment/sync'
import type { DeploymentOptions } from './deployment'
import * as suite from './suite-functions'

/** The functions that the backend suites also run in one process. */
export const suiteDeployment: Pick<DeploymentOptions, 'schema' | 'modules'> = { schema, modules: { sync, suite } }
