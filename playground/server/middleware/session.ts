/** Ignores the session when signing in by name is off, and when the user has signed out while the server was away. */
export default defineEventHandler(async (event) => {
  const hasSignedOut = Boolean(getCookie(event, SIGNED_OUT_COOKIE))
  if (isDemo() && !hasSignedOut) return
  ignoreSession(event)
  // Only a request for a page ends the session for good. The reply to any other request could arrive after that of a sign-in, and undo it.
  if (hasSignedOut && getRequestHeader(event, 'accept')?.includes('text/html')) await endSession(event)
})
