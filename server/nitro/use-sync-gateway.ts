import type { SyncGateway } from '../lib/create-sync-gateway'

let start: (() => Promise<SyncGateway>) | undefined
let started: Promise<SyncGateway> | undefined

/** Called once, by the plugin. The gateway is started when it is first asked for. */
export function setSyncGateway(startGateway: () => Promise<SyncGateway>): void {
  start = startGateway
}

/** The server's one gateway; waits for the store to be open in the first moments. */
export async function useSyncGateway(): Promise<SyncGateway> {
  if (!start) throw new Error('[or3-sync] the gateway has not been started: its Nitro plugin is missing')
  return await (started ??= start())
}

/** Nothing is to be closed where nobody has asked for it. */
export async function closeSyncGateway(): Promise<void> {
  await (await started)?.close()
}
