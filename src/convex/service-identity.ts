import type { Auth } from 'convex/server'

/** The subject of the gateway's own token. It opens version numbers and nothing else. */
export const SERVICE_SUBJECT = 'or3-sync:gateway'

/** Whether the gateway itself is asking. */
export async function isService(ctx: { auth: Auth }): Promise<boolean> {
  return (await ctx.auth.getUserIdentity())?.subject === SERVICE_SUBJECT
}
