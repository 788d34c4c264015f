const YEAR_S = 365 * 24 * 60 * 60

/** Notes that whoever was signed in has left. The server reads it with the next request, and takes it back when it has done its part. */
export function markSignedOut(): void {
  document.cookie = `${SIGNED_OUT_COOKIE}=1; path=/; max-age=${YEAR_S}; samesite=lax`
}

/** Whether there is a sign-out that the server does not know of yet. */
export function isSignOutUntold(): boolean {
  return document.cookie.split('; ').includes(`${SIGNED_OUT_COOKIE}=1`)
}
