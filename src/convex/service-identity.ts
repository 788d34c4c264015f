import type { Auth } from 'convex/server'
import { SERVICE_SUBJECT } from '#or3-sync/shared/sync/store/service-subject'

/** Whether the gateway itself is asking. */
export async function isService(ctx: { auth: Auth }): Promise<boolean> {
  return (await ctx.auth.getUserIdentity())?.subject === SERVICE_SUBJECT
}
