import type { NitroApp, NitroRuntimeHooks } from 'nitropack/types'
import type { ChangedInfo } from '#or3-sync/shared/sync/rows/row-change'
import { hookListeners } from './hook-listeners'
import { stderrLogger } from './stderr-logger'

/** As the hook gives it: typed by the app's schema. */
type AppChanged = Parameters<NitroRuntimeHooks['or3-sync:changed']>[0]

/**
 * Calls the listeners of `or3-sync:changed`, each with a copy of its own. An error of one is logged and does not reach the others.
 *
 * @returns resolves when all have ended
 */
export async function tellChanged(nitroApp: NitroApp, changed: ChangedInfo): Promise<void> {
  const calls = hookListeners(nitroApp, 'or3-sync:changed').map(listener => ({ listener, copy: structuredClone(changed) as unknown as AppChanged }))
  await Promise.all(calls.map(async ({ listener, copy }) => {
    try { await listener(copy) }
    catch (error) { stderrLogger.error('[or3-sync] a listener of or3-sync:changed failed', { error }) }
  }))
}
