import type { H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import { getUserId } from '#or3-sync-virtual/auth'
import type { SessionHookContext } from '#or3-sync/nitro-hooks'
import type { GatewaySession } from '../lib/session/gateway-session'
import { hasSessionHook } from './has-session-hook'

const DEV_USER: GatewaySession = { userId: 'dev', name: 'dev', workspaces: [{ id: 'dev', name: 'dev', role: 'owner' }] }

/** Who is asking: the app's hook says it, else nuxt-auth-utils, else, in `nuxt dev` only, everyone is the user `dev`. */
export async function resolveSession(event: H3Event, nitroApp: NitroApp): Promise<GatewaySession | null> {
  if (hasSessionHook(nitroApp)) {
    const context: SessionHookContext = { session: null }
    await nitroApp.hooks.callHook('or3-sync:session', event, context)
    return context.session
  }
  if (getUserId) return personalSession(await getUserId(event))
  return import.meta.dev ? DEV_USER : null
}

/** One workspace, that of the user. */
function personalSession(id: string | number | null): GatewaySession | null {
  if (id === null || id === '') return null
  const userId = String(id)
  return { userId, workspaces: [{ id: userId, role: 'owner' }] }
}
