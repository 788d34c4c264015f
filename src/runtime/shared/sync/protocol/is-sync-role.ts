import type { SyncRole } from './types'

const ROLES: ReadonlySet<unknown> = new Set<SyncRole>(['owner', 'editor', 'viewer'])

/** Whether this is a role that sync knows. Any other (`banned`, `invited`, none at all) counts as no role and gives no access. */
export function isSyncRole(role: unknown): role is SyncRole {
  return ROLES.has(role)
}
