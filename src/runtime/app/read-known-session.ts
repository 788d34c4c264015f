import { SyncError } from '../shared/sync/protocol/errors'
import { isSyncRole } from '../shared/sync/protocol/is-sync-role'
import { primaryKeyError } from '../shared/sync/protocol/primary-key'
import type { SyncWorkspace } from '../shared/sync/protocol/types'

const ID = 'a text of 1 to 256 characters, well-formed and without control characters'

/** Who is signed in, and where they belong. */
export interface KnownSession {
  userId: string
  workspaces: SyncWorkspace[]
  /** Default: the one used last, else the first. */
  workspaceId?: string
  /** Goes along as `scope.projectId`; it partitions nothing. Default: the module's option. */
  projectId?: string
}

/**
 * A session as the server, the app or the browser's storage gives it. Workspaces whose role is none of ours are left out, as if the user
 * were no member.
 *
 * @throws SyncError `VALIDATION_ERROR` that names what is out of form.
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

/** As the gateway takes them (`server/lib/session/read-session.ts`). Each can be part of a database's name. */
function isId(value: unknown): value is string {
  return primaryKeyError(value) === null
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function outOfForm(field: string, right: string): SyncError {
  return new SyncError('VALIDATION_ERROR', `session.${field} must be ${right}`)
}
