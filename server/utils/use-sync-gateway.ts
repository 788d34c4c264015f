/** Auto-imported in the app's server code, for example `await useSyncGateway().write(workspaceId, [{ table: 'todos', put: row }])`. */
export { useSyncGateway } from '../nitro/use-sync-gateway'
