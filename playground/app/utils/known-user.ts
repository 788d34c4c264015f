import type { User } from '#auth-utils'

const KEY = 'playground-user'

/** Remembers who is signed in, so that the app can greet them while the server is away. It gives no rights. */
export function keepUser(user: User): void {
  try { localStorage.setItem(KEY, JSON.stringify(user)) }
  catch { /* Storage is full or blocked: then the app needs the server to know its user. */ }
}

/** The user who was signed in last. Null: nobody, or they have signed out. */
export function knownUser(): User | null {
  try { return JSON.parse(localStorage.getItem(KEY) ?? 'null') as User | null }
  catch { return null }
}

export function forgetUser(): void {
  try { localStorage.removeItem(KEY) }
  catch { /* As above. */ }
}
