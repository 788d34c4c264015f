import type { SyncRole } from 'or3-sync/client'

/** The roles of all users in all workspaces, as the server knows them. */
export class SimMembers {
  readonly #roles = new Map<string, Map<string, SyncRole>>()

  /** A null role ends the membership. */
  set(userId: string, workspaceId: string, role: SyncRole | null): void {
    const roles = this.#roles.get(userId) ?? new Map<string, SyncRole>()
    this.#roles.set(userId, roles)
    if (role) roles.set(workspaceId, role)
    else roles.delete(workspaceId)
  }

  role(userId: string, workspaceId: string): SyncRole | null {
    return this.#roles.get(userId)?.get(workspaceId) ?? null
  }

  /** The answer of the gateway's session hook. Null: nobody is signed in. */
  session(userId: string): { userId: string, workspaces: { id: string, role: SyncRole }[] } | null {
    const roles = this.#roles.get(userId)
    return roles ? { userId, workspaces: [...roles].map(([id, role]) => ({ id, role })) } : null
  }
}
