/**
 * The cookie by which a page marks that its user has signed out. A page can set it while the server is away. Until the next sign-in the
 * server then accepts no session of this browser.
 */
export const SIGNED_OUT_COOKIE = 'playground-signed-out'
