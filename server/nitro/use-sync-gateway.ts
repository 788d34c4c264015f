import { Readable } from 'node:stream'
import type appSchema from '#or3-sync-virtual/schema'
import { SyncError } from '#or3-sync/shared/sync/protocol/errors'
import type { SchemaTables } from '#or3-sync/shared/sync/schema/sync-schema'
import type { EraseCounts, GcCounts } from '../lib/backends/backend'
import type { SyncGateway } from '../lib/create-sync-gateway'
import type { RowAccess } from '../lib/service/table-edits'
import { isSyncOn, startedGateway } from './started-gateway'

/**
 * What the app's server code can do with the store. Each method waits until the gateway has started, and rejects with the `SyncError`
 * `SYNC_DISABLED` while sync is off. None of them checks who is asking.
 */
export interface AppSyncGateway extends RowAccess<SchemaTables<typeof appSchema>> {
  /** See `SyncGateway.gc`. */
  gc(): Promise<GcCounts>
  /** See `SyncGateway.exportWorkspace`. The stream fails where the other methods reject. */
  exportWorkspace(workspaceId: string): Readable
  /** See `SyncGateway.eraseWorkspace`. */
  eraseWorkspace(workspaceId: string): Promise<EraseCounts>
  /** See `SyncGateway.newEpoch`. */
  newEpoch(): Promise<string>
  /** See `SyncGateway.endStreams`. */
  endStreams(): Promise<void>
  /** See `SyncGateway.drain`. */
  drain(): Promise<void>
}

/** The gateway of this server, typed by the app's schema. */
export function useSyncGateway(): AppSyncGateway {
  // The rows of a gateway of any schema have no types of their own.
  return APP_GATEWAY as unknown as AppSyncGateway
}

const APP_GATEWAY = {
  write: async (...args: Parameters<SyncGateway['write']>) => await (await running()).write(...args),
  get: async (...args: Parameters<SyncGateway['get']>) => await (await running()).get(...args),
  list: async (...args: Parameters<SyncGateway['list']>) => await (await running()).list(...args),
  gc: async () => await (await running()).gc(),
  exportWorkspace: (workspaceId: string) => Readable.from(exported(workspaceId), { objectMode: false }),
  eraseWorkspace: async (workspaceId: string) => await (await running()).eraseWorkspace(workspaceId),
  newEpoch: async () => await (await running()).newEpoch(),
  endStreams: async () => (await running()).endStreams(),
  drain: async () => await (await running()).drain(),
} satisfies Record<keyof AppSyncGateway, unknown>

async function running(): Promise<SyncGateway> {
  if (!await isSyncOn()) throw new SyncError('SYNC_DISABLED', 'sync is off on this server')
  return await startedGateway()
}

async function* exported(workspaceId: string): AsyncGenerator<Buffer> {
  yield* (await running()).exportWorkspace(workspaceId)
}
