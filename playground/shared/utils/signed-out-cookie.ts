/**
 * The cookie with which a page says that its user has signed out. A page can set it while the server is away; until the next sign-in
 * the server then takes no session from this browser.
 */
export const SIGNED_OUT_COOKIE = 'playground-signed-out'
