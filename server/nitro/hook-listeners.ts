import type { NitroApp, NitroRuntimeHooks } from 'nitropack/types'

/** The listeners that are registered for a hook. None of them is called. */
export function hookListeners<Name extends keyof NitroRuntimeHooks>(nitroApp: NitroApp, name: Name): NitroRuntimeHooks[Name][] {
  let listeners: NitroRuntimeHooks[Name][] = []
  const take = (found: NitroRuntimeHooks[Name][]) => { listeners = [...found] }
  // The empty arguments are never seen, because no listener is called.
  ;(nitroApp.hooks.callHookWith as (caller: typeof take, name: Name, args: unknown[]) => void)(take, name, [])
  return listeners
}
