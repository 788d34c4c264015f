import { deleteCookie, getCookie } from 'h3'
import type { H3Event } from 'h3'
import { SIGNED_OUT_COOKIE } from '../../shared/utils/signed-out-cookie'

/** Signs the user out: clears the session cookie and the mark that the user has signed out. */
export async function endSession(event: H3Event): Promise<void> {
  forgetSignOut(event)
  await clearUserSession(event, sessionCookie(event))
}

/** Clears the mark that the user has signed out. Called when the server has ended the session, and at a sign-in. */
export function forgetSignOut(event: H3Event): void {
  if (getCookie(event, SIGNED_OUT_COOKIE) !== undefined) deleteCookie(event, SIGNED_OUT_COOKIE)
}
