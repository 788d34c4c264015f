import { WORKSPACE_COOKIE } from '../shared/sync/query/workspace-cookie'

/** 400 days, the longest that browsers accept. */
const MAX_AGE_S = 400 * 24 * 60 * 60

/** Tells the server which workspace to render pages for. Null: none. The id is no secret, and the server checks the membership. */
export function writeWorkspaceCookie(workspaceId: string | null): void {
  const secure = location.protocol === 'https:' ? '; Secure' : ''
  const maxAge = workspaceId === null ? 0 : MAX_AGE_S
  document.cookie = `${WORKSPACE_COOKIE}=${encodeURIComponent(workspaceId ?? '')}; Path=/; Max-Age=${maxAge}; SameSite=Lax${secure}`
}
