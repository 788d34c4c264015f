import { createHash } from 'node:crypto'

/**
 * The name under which the version of an erased workspace stays. Whoever knows the workspace's id finds it; nobody reads the id
 * out of it. It begins with a control character, which no workspace id has.
 */
export function erasedName(workspaceId: string): string {
  return `\u0001erased:${createHash('sha256').update(workspaceId).digest('hex')}`
}
