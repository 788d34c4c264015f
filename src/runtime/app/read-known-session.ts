import { SyncError } from '../shared/sync/protocol/errors'
import { isSyncRole } from '../shared/sync/protocol/is-sync-role'
import { primaryKeyError } from '../shared/sync/protocol/primary-key'
import type { SyncWorkspace } from '../shared/sync/protocol/types'

const ID = 'a text of 1 to 256 characters, well-formed and without control characters'

/** Who is signed in, and the workspaces they are a member of. */
export interface KnownSession {
  userId: string
  workspaces: SyncWorkspace[]
  /** The workspace to open. Default: the one used last, else the first. */
  workspaceId?: string
  /** Sent with every request as `scope.projectId`; it does not separate any data. Default: the module's option. */
  projectId?: string
}

/**
 * Checks a session that the server, the app or `localStorage` gave. Workspaces with an unknown role are left out, as if the user were
 * not a member.
 *
 * @throws SyncError `VALIDATION_ERROR` that names the wrong field.
 */
export function readKnownSession(given: unknown): KnownSession {
  const { userId, workspaces, workspaceId, projectId } = (given ?? {}) as Record<string, unknown>
  if (!isId(userId)) throw outOfForm('userId', ID)
  if (projectId !== undefined && !isId(projectId)) throw outOfForm('projectId', ID)
  if (!Array.isArray(workspaces)) throw outOfForm('workspaces', 'a list of { id, name, role }')
  return {
    userId,
    workspaces: workspaces.flatMap((each: unknown, index): SyncWorkspace[] => {
      const { id, name, role } = (each ?? {}) as Record<string, unknown>
      if (!isId(id)) throw outOfForm(`workspaces[${index}].id`, ID)
      return isSyncRole(role) ? [{ id, name: isText(name) ? name : id, role }] : []
    }),
    ...(isText(workspaceId) ? { workspaceId } : {}),
    ...(isText(projectId) ? { projectId } : {}),
  }
}

/** The same rule as on the server (`server/lib/session/read-session.ts`). Ids also become part of the database's name. */
function isId(value: unknown): value is string {
  return primaryKeyError(value) === null
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function outOfForm(field: string, right: string): SyncError {
  return new SyncError('VALIDATION_ERROR', `session.${field} must be ${right}`)
}
