import type { SyncRole } from '../../shared/sync/protocol/types'

/** Lowest first. */
const ROLES: readonly SyncRole[] = ['viewer', 'editor', 'owner']

/** Whether somebody with this role may open an inspector that needs `least`. Null: nobody is signed in, or no longer a member. */
export function mayInspect(role: SyncRole | null, least: SyncRole): boolean {
  return role !== null && ROLES.indexOf(role) >= ROLES.indexOf(least)
}
