import type { H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import { getUserId } from '#or3-sync-virtual/auth'
import type { SessionHookContext } from '#or3-sync/nitro-hooks'
import type { GatewaySession } from '../lib/session/gateway-session'
import { hasSessionHook } from './has-session-hook'

const DEV_USER: GatewaySession = { userId: 'dev', name: 'dev', workspaces: [{ id: 'dev', name: 'dev', role: 'owner' }] }

/** Who makes the request: asks the app's hook, else nuxt-auth-utils. With neither, everyone is the user `dev`, but only in `nuxt dev`. */
export async function resolveSession(event: H3Event, nitroApp: NitroApp): Promise<GatewaySession | null> {
  if (hasSessionHook(nitroApp)) {
    const context: SessionHookContext = { session: null }
    await nitroApp.hooks.callHook('or3-sync:session', event, context)
    return context.session
  }
  if (getUserId) return personalSession(await getUserId(event))
  return import.meta.dev ? DEV_USER : null
}

/** With nuxt-auth-utils, each user has one workspace, named by their own id. */
function personalSession(id: string | number | null): GatewaySession | null {
  if (id === null || id === '') return null
  const userId = String(id)
  return { userId, workspaces: [{ id: userId, role: 'owner' }] }
}
