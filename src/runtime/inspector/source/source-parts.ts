import type { SyncHooks } from '../../core/sync/context/sync-hooks'
import type { EngineDatabase } from '../../core/sync/records/engine-database'
import type { Diagnosis } from '../../app/diagnosis/diagnosis'
import type { SyncClient } from '../../app/sync-client'
import type { SyncSchema } from '../../shared/sync/schema/sync-schema'
import type { GatewayLink } from '../network/gateway-link'
import type { FollowedStates } from './followed-states'

/** What the readers of the source work with. */
export interface SourceParts {
  client: Pick<SyncClient, 'status' | 'session' | 'db' | 'engine'>
  hooks: SyncHooks
  schema: SyncSchema
  /** Hears the engine's events and makes reports. Null: sync is off. */
  diagnosis: Diagnosis | null
  link: GatewayLink
  states: FollowedStates
  /** Of the package. */
  moduleVersion: string
  /** Whether this is a development server. */
  isDev: boolean
}

export function databaseOf({ client }: Pick<SourceParts, 'client'>): EngineDatabase {
  return client.db.value as unknown as EngineDatabase
}
