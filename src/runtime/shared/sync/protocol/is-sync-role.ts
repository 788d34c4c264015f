import type { SyncRole } from './types'

const ROLES: ReadonlySet<unknown> = new Set<SyncRole>(['owner', 'editor', 'viewer'])

/** Whether a role is one of ours. Any other (`banned`, `invited`, none at all) opens nothing: it counts as no role. */
export function isSyncRole(role: unknown): role is SyncRole {
  return ROLES.has(role)
}
