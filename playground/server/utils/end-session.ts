import { deleteCookie, getCookie } from 'h3'
import type { H3Event } from 'h3'
import { SIGNED_OUT_COOKIE } from '../../shared/utils/signed-out-cookie'

/** Signs out: the browser forgets its session, and what a page noted about the sign-out, too. */
export async function endSession(event: H3Event): Promise<void> {
  forgetSignOut(event)
  await clearUserSession(event, sessionCookie(event))
}

/** Somebody signs in, or the sign-out is known here: it need not be remembered any more. */
export function forgetSignOut(event: H3Event): void {
  if (getCookie(event, SIGNED_OUT_COOKIE) !== undefined) deleteCookie(event, SIGNED_OUT_COOKIE)
}
