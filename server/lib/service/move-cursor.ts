import { ServiceError } from '../errors/service-error'
import type { ServiceParts } from './service-parts'

export interface CursorMove {
  workspaceId: string
  /** A member who may read there: that has been checked. */
  userId: string
  deviceId: string
  /** The last version that the device has read. */
  version: number
}

/**
 * Notes how far a device of this user has come, for the garbage collector. A step back is ignored.
 *
 * @throws ServiceError `VALIDATION_ERROR` for a version that the workspace has not reached; those of `SyncBackend.updateCursor`
 */
export async function moveCursor({ backend, now }: Pick<ServiceParts, 'backend' | 'now'>, { workspaceId, userId, deviceId, version }: CursorMove): Promise<void> {
  const moved = await backend.updateCursor({ workspaceId, userId, deviceId, version, now: now() })
  if (moved === 'ahead') throw new ServiceError('VALIDATION_ERROR', `version: the workspace has not reached ${version}`)
}
