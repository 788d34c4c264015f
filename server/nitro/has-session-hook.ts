import type { NitroApp } from 'nitropack/types'

/** Whether the app has registered a listener for `or3-sync:session`. It counts the listeners without calling them. */
export function hasSessionHook(nitroApp: NitroApp): boolean {
  let count = 0
  // The empty arguments are never seen, because no listener is called.
  const countHooks = (hooks: unknown[]) => { count = hooks.length }
  ;(nitroApp.hooks.callHookWith as (caller: typeof countHooks, name: string, args: unknown[]) => void)(countHooks, 'or3-sync:session', [])
  return count > 0
}
