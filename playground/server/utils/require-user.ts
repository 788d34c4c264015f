import type { User } from '#auth-utils'
import type { H3Event } from 'h3'

/** The signed-in user. Answers 401 when nobody is signed in. */
export async function requireUser(event: H3Event): Promise<User> {
  const { user } = getCookie(event, SESSION_COOKIE) ? await getUserSession(event) : {}
  if (!user) throw refuse(401, 'sign in first')
  return user
}
