import { createHash } from 'node:crypto'
import { erasedName } from '#or3-sync/shared/sync/store/erased-name'

/** The name of the row that keeps the version of an erased workspace. The workspace id cannot be read back from it. */
export function erasedNameOf(workspaceId: string): string {
  return erasedName(sha256(workspaceId))
}

/** The range of names (`from` inclusive, `to` exclusive) of workspaces whose rows wait to be removed. Without an id: of all workspaces. */
export function erasingNames(workspaceId?: string): { from: string, to: string } {
  const from = workspaceId === undefined ? '\u0001erasing:' : `\u0001erasing:${sha256(workspaceId)}:`
  // `;` is the character after `:`, so the range holds all names that begin with `from`.
  return { from, to: `${from.slice(0, -1)};` }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
