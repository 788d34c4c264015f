/** Auto-imported in the app's server code, for example `(await useSyncGateway()).exportWorkspace(id)`. */
export { useSyncGateway } from '../nitro/use-sync-gateway'
