import type { SyncGateway } from '../lib/create-sync-gateway'

let start: (() => Promise<SyncGateway>) | undefined
let started: Promise<SyncGateway> | undefined

/** Called once, by the Nitro plugin. The gateway starts with the first call of `useSyncGateway`. */
export function setSyncGateway(startGateway: () => Promise<SyncGateway>): void {
  start = startGateway
}

/** The server's gateway. The first call starts it and waits until the store is open. */
export async function useSyncGateway(): Promise<SyncGateway> {
  if (!start) throw new Error('[or3-sync] the gateway has not been started: its Nitro plugin is missing')
  return await (started ??= start())
}

/** Closes the gateway if it was started. */
export async function closeSyncGateway(): Promise<void> {
  await (await started)?.close()
}
