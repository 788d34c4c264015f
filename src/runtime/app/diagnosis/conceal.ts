/**
 * A copy of the value with `hash` in the place of the user's id: as a text of its own, in quotes, and in the names of databases. With
 * nuxt-auth-utils the workspace of a user has their id.
 */
export function conceal<T>(value: T, userId: string, hash: string): T {
  // As it stands in the name of a database.
  const encoded = encodeURIComponent(userId).replaceAll('-', '%2D')
  const concealName = (name: string) => name.split('-').map(part => part === encoded ? hash : part).join('-')
  const walk = (each: unknown): unknown => {
    if (typeof each === 'string') return each === userId ? hash : each.replaceAll(`"${userId}"`, `"${hash}"`).replaceAll(/or3-db-[^\s"]+/g, concealName)
    if (Array.isArray(each)) return each.map(walk)
    return each && typeof each === 'object' ? Object.fromEntries(Object.entries(each).map(([name, inner]) => [name, walk(inner)])) : each
  }
  return walk(value) as T
}
