import { internalMutationGeneric, internalQueryGeneric, mutationGeneric, queryGeneric } from 'convex/server'
import type { MutationBuilder, QueryBuilder } from 'convex/server'
import type { SyncDataModel } from '../store/sync-data-model'

// Convex's own, for functions that see our tables. The app's are beside them, and only `authorize` and `materialize` reach those.
export const syncQuery: QueryBuilder<SyncDataModel, 'public'> = queryGeneric
export const syncMutation: MutationBuilder<SyncDataModel, 'public'> = mutationGeneric
export const internalSyncQuery: QueryBuilder<SyncDataModel, 'internal'> = internalQueryGeneric
export const internalSyncMutation: MutationBuilder<SyncDataModel, 'internal'> = internalMutationGeneric
