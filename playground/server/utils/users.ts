import type { User } from '#auth-utils'

/** The id of a user is the name in lower case. The same name is the same person. */
export function userIdOf(name: string): string {
  return name.trim().toLowerCase()
}

/** Stores a user, who need not have signed in before. A known name keeps its first spelling. */
export function rememberUser(name: string): User {
  const db = usePlaygroundDb()
  const id = userIdOf(name)
  db.prepare('INSERT INTO users (id, name) VALUES (?, ?) ON CONFLICT DO NOTHING').run(id, name.trim())
  return db.prepare('SELECT id, name FROM users WHERE id = ?').get(id) as unknown as User
}
