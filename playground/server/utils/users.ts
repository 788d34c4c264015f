import type { User } from '#auth-utils'

/** A name is all it takes: the same name is the same person, whatever its case. */
export function userIdOf(name: string): string {
  return name.trim().toLowerCase()
}

/** Remembers someone, also before they ever signed in. A name once known is kept as first written. */
export function rememberUser(name: string): User {
  const db = usePlaygroundDb()
  const id = userIdOf(name)
  db.prepare('INSERT INTO users (id, name) VALUES (?, ?) ON CONFLICT DO NOTHING').run(id, name.trim())
  return db.prepare('SELECT id, name FROM users WHERE id = ?').get(id) as unknown as User
}
