/** Whose session counts: nobody's where names are not enough to sign in, nor that of somebody who signed out while the server was away. */
export default defineEventHandler(async (event) => {
  const hasSignedOut = Boolean(getCookie(event, SIGNED_OUT_COOKIE))
  if (isDemo() && !hasSignedOut) return
  ignoreSession(event)
  // With a page the sign-out is made good. With nothing less: such a reply might come after that of a sign-in, and undo it.
  if (hasSignedOut && getRequestHeader(event, 'accept')?.includes('text/html')) await endSession(event)
})
