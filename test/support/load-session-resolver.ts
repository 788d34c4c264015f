import type { H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import type { GatewaySession } from 'or3-sync/server'
import { bundleNitro } from './bundle-nitro'

/** Written out: the files themselves import what only a Nitro build has. */
interface SessionResolver {
  resolveSession: (event: H3Event, nitroApp: NitroApp) => Promise<GatewaySession | null>
  warnWithoutSession: (nitroApp: NitroApp) => void
}

/** What Nitro asks who is there with, bundled as for `nuxt dev` or for production, in an app with nuxt-auth-utils or without. */
export async function loadSessionResolver({ dev, authUtils }: { dev: boolean, authUtils: boolean }): Promise<SessionResolver> {
  // Of nuxt-auth-utils there is only its answer here: the user's id, from a header.
  const auth = authUtils ? 'export const getUserId = async event => event.node.req.headers["x-user"] ?? null' : 'export const getUserId = null'
  return await bundleNitro<SessionResolver>('export * from "./server/nitro/resolve-session"; export * from "./server/nitro/warn-without-session"', { dev, virtual: { '#or3-sync-virtual/auth': auth } })
}
