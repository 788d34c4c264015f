import type { SyncGateway } from '../lib/create-sync-gateway'

let started: Promise<SyncGateway> | undefined

/** Called once, by the plugin, when the server starts. */
export function setSyncGateway(gateway: Promise<SyncGateway>): void {
  started = gateway
}

/** The server's one gateway; waits for the store to be open in the first moments. */
export async function useSyncGateway(): Promise<SyncGateway> {
  if (!started) throw new Error('[or3-sync] the gateway has not been started: its Nitro plugin is missing')
  return started
}
