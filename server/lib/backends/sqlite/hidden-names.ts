import { createHash } from 'node:crypto'
import { erasedName } from '#or3-sync/shared/sync/store/erased-name'

/** The name under which the version of this workspace stays once it is erased. */
export function erasedNameOf(workspaceId: string): string {
  return erasedName(sha256(workspaceId))
}

/** Names, from the first to below the last, under which a workspace's rows wait to be removed. Absent id: those of all workspaces. */
export function erasingNames(workspaceId?: string): { from: string, to: string } {
  const from = workspaceId === undefined ? '\u0001erasing:' : `\u0001erasing:${sha256(workspaceId)}:`
  // The character that follows the colon.
  return { from, to: `${from.slice(0, -1)};` }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
