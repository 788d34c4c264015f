/**
 * The name under which the version of an erased workspace stays. Whoever knows the workspace's id finds it; nobody reads the id
 * out of it. It begins with a control character, which no workspace id has.
 */
export async function erasedName(workspaceId: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(workspaceId))
  return `\u0001erased:${[...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join('')}`
}
