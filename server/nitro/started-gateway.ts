import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SyncGateway } from '../lib/create-sync-gateway'

interface Start {
  start: () => Promise<SyncGateway>
  /** Whether sync runs on this server. */
  isOn: boolean
}

let given: Start | undefined
let started: Promise<SyncGateway> | undefined

/** Called once, by the Nitro plugin. The gateway starts with the first call of `startedGateway`. */
export function setSyncGateway(start: Start): void {
  given = start
}

/** The server's gateway. The first call starts it and waits until the store is open. */
export async function startedGateway(): Promise<SyncGateway> {
  const { start } = await findStart()
  return await (started ??= start())
}

/** Whether sync runs on this server. */
export async function isSyncOn(): Promise<boolean> {
  return (await findStart()).isOn
}

/** Closes the gateway if it was started. */
export async function closeSyncGateway(): Promise<void> {
  await (await started)?.close()
}

async function findStart(): Promise<Start> {
  // A plugin of the app may come before ours. All plugins run in one turn of the event loop.
  if (!given) await nextTurn()
  if (!given) throw new Error('[or3-sync] the gateway has not been started: its Nitro plugin is missing')
  return given
}
