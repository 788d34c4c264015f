import type { SyncRole } from 'or3-sync/client'

/** Who may do what in which workspace, as the server knows it. */
export class SimMembers {
  readonly #roles = new Map<string, Map<string, SyncRole>>()

  /** Null: no member. */
  set(userId: string, workspaceId: string, role: SyncRole | null): void {
    const roles = this.#roles.get(userId) ?? new Map<string, SyncRole>()
    this.#roles.set(userId, roles)
    if (role) roles.set(workspaceId, role)
    else roles.delete(workspaceId)
  }

  role(userId: string, workspaceId: string): SyncRole | null {
    return this.#roles.get(userId)?.get(workspaceId) ?? null
  }

  /** What the session hook of a gateway answers; null: nobody. */
  session(userId: string): { userId: string, workspaces: { id: string, role: SyncRole }[] } | null {
    const roles = this.#roles.get(userId)
    return roles ? { userId, workspaces: [...roles].map(([id, role]) => ({ id, role })) } : null
  }
}
