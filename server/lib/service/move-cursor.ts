import { ServiceError } from '../errors/service-error'
import type { ServiceParts } from './service-parts'

export interface CursorMove {
  workspaceId: string
  /** A member who may read there. The caller has checked that. */
  userId: string
  deviceId: string
  /** The last version that the device has read. */
  version: number
}

/**
 * Stores how far a device of this user has read, for the garbage collector. A version below the last one is ignored.
 *
 * @throws ServiceError `VALIDATION_ERROR` for a version that the workspace has not reached; the errors of `SyncBackend.updateCursor`
 */
export async function moveCursor({ backend, now }: Pick<ServiceParts, 'backend' | 'now'>, { workspaceId, userId, deviceId, version }: CursorMove): Promise<void> {
  const moved = await backend.updateCursor({ workspaceId, userId, deviceId, version, now: now() })
  if (moved === 'ahead') throw new ServiceError('VALIDATION_ERROR', `version: the workspace has not reached ${version}`)
}
