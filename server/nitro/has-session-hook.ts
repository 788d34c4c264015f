import type { NitroApp } from 'nitropack/types'

/** Whether the app listens to `or3-sync:session`. The hooks are counted, not called. */
export function hasSessionHook(nitroApp: NitroApp): boolean {
  let count = 0
  // The arguments are the hook's own; nobody sees them here.
  const countHooks = (hooks: unknown[]) => { count = hooks.length }
  ;(nitroApp.hooks.callHookWith as (caller: typeof countHooks, name: string, args: unknown[]) => void)(countHooks, 'or3-sync:session', [])
  return count > 0
}
