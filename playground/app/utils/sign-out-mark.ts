const YEAR_S = 365 * 24 * 60 * 60

/** Marks in a cookie that the user has signed out. The server reads it with the next request, ends the session and removes the mark. */
export function markSignedOut(): void {
  document.cookie = `${SIGNED_OUT_COOKIE}=1; path=/; max-age=${YEAR_S}; samesite=lax`
}

/** Whether the user has signed out and the server does not know it yet. */
export function isSignOutUntold(): boolean {
  return document.cookie.split('; ').includes(`${SIGNED_OUT_COOKIE}=1`)
}
