import type { NitroApp } from 'nitropack/types'
import { getUserId } from '#or3-sync-virtual/auth'
import { withLink } from '#or3-sync/shared/sync/errors/start-error'
import { hasSessionHook } from './has-session-hook'
import { stderrLogger } from './stderr-logger'

/** Logs one warning when nothing tells the gateway who is signed in. Call it after every plugin has run. */
export function warnWithoutSession(nitroApp: NitroApp): void {
  if (getUserId || hasSessionHook(nitroApp)) return
  const add = 'add a server plugin with nitroApp.hooks.hook(\'or3-sync:session\', (event, ctx) => { ctx.session = { userId, workspaces } }), or install nuxt-auth-utils'
  stderrLogger.warn(import.meta.dev
    ? withLink(`[or3-sync] nothing says who is signed in: everyone is the local user "dev" in workspace "dev" while developing; before you deploy, ${add}`, 'no-session-source')
    : `[or3-sync] nothing says who is signed in: every sync route answers 401; ${add}`)
}
