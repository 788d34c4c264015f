/** Auto-imported on the app's server: `(await useSyncGateway()).exportWorkspace(id)`. */
export { useSyncGateway } from '../nitro/use-sync-gateway'
