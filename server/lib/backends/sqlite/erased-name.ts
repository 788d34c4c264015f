import { createHash } from 'node:crypto'

/**
 * The name under which the version of an erased workspace stays. Whoever knows the workspace's id finds it; nobody reads the id
 * out of it. It begins with a control character, which no workspace id has.
 */
export function erasedName(workspaceId: string): string {
  return `\u0001erased:${hash(workspaceId)}`
}

/** Names, from the first to below the last, under which a workspace's rows wait to be removed. Absent id: those of all workspaces. */
export function erasingNames(workspaceId?: string): { from: string, to: string } {
  const from = workspaceId === undefined ? '\u0001erasing:' : `\u0001erasing:${hash(workspaceId)}:`
  // The character that follows the colon.
  return { from, to: `${from.slice(0, -1)};` }
}

function hash(workspaceId: string): string {
  return createHash('sha256').update(workspaceId).digest('hex')
}
