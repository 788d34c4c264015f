import { randomUUID } from 'node:crypto'
import type { User } from '#auth-utils'

export type Role = 'owner' | 'editor' | 'viewer'
export interface Workspace { id: string, name: string, role: Role }

/** The user's workspaces: the personal one, whose id is the user's id, then the shared ones from old to new. */
export function workspacesOf(user: User): Workspace[] {
  const shared = usePlaygroundDb().prepare(`
    SELECT w.id, w.name, m.role FROM members m JOIN workspaces w ON w.id = m.workspace_id
    WHERE m.user_id = ? ORDER BY w.created_at, w.id
  `).all(user.id) as unknown as Workspace[]
  return [{ id: user.id, name: 'Personal', role: 'owner' }, ...shared]
}

export function createWorkspace(owner: User, name: string): Workspace {
  const db = usePlaygroundDb()
  // User ids are lower case and name personal workspaces. With a capital letter, this id can never be the user id of somebody.
  const id = `W-${randomUUID()}`
  db.exec('BEGIN IMMEDIATE')
  try {
    db.prepare('INSERT INTO workspaces (id, name, created_at) VALUES (?, ?, ?)').run(id, name, Date.now())
    db.prepare('INSERT INTO members (workspace_id, user_id, role) VALUES (?, ?, ?)').run(id, owner.id, 'owner')
    db.exec('COMMIT')
  }
  catch (error) {
    db.exec('ROLLBACK')
    throw error
  }
  return { id, name, role: 'owner' }
}

/** @returns null when the user is no member. */
export function roleIn(workspaceId: string, userId: string): Role | null {
  const row = usePlaygroundDb().prepare('SELECT role FROM members WHERE workspace_id = ? AND user_id = ?').get(workspaceId, userId)
  return (row?.role as Role | undefined) ?? null
}

export function workspaceExists(workspaceId: string): boolean {
  return usePlaygroundDb().prepare('SELECT 1 FROM workspaces WHERE id = ?').get(workspaceId) !== undefined
}

/** Adds a member, or changes their role. */
export function setMember(workspaceId: string, userId: string, role: Role): void {
  usePlaygroundDb().prepare(`
    INSERT INTO members (workspace_id, user_id, role) VALUES (?, ?, ?)
    ON CONFLICT (workspace_id, user_id) DO UPDATE SET role = excluded.role
  `).run(workspaceId, userId, role)
}

export interface Member { id: string, name: string, role: Role }

export function membersOf(workspaceId: string): Member[] {
  return usePlaygroundDb().prepare(`
    SELECT u.id, u.name, m.role FROM members m JOIN users u ON u.id = m.user_id
    WHERE m.workspace_id = ? ORDER BY u.name
  `).all(workspaceId) as unknown as Member[]
}

/** How many owners a workspace has. The last one cannot be removed. */
export function ownerCount(workspaceId: string): number {
  const row = usePlaygroundDb().prepare('SELECT count(*) AS n FROM members WHERE workspace_id = ? AND role = \'owner\'').get(workspaceId)
  return Number(row?.n ?? 0)
}

/** All workspaces, also the personal ones. */
export function workspaceIds(): string[] {
  const rows = usePlaygroundDb().prepare('SELECT id FROM users UNION ALL SELECT id FROM workspaces').all() as unknown as { id: string }[]
  return rows.map(({ id }) => id)
}
