import type { NitroApp } from 'nitropack/types'
import { hookListeners } from './hook-listeners'

/** Whether the app has registered a listener for `or3-sync:session`. */
export function hasSessionHook(nitroApp: NitroApp): boolean {
  return hookListeners(nitroApp, 'or3-sync:session').length > 0
}
