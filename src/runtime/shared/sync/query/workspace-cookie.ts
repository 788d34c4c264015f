/**
 * The cookie in which the browser tells the server which workspace it has opened last: `encodeURIComponent(id)`. The server uses it to render a
 * page, if the user is a member there.
 */
export const WORKSPACE_COOKIE = 'or3-sync-workspace'
