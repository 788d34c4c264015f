/** Pitfalls whose code does not exist in this version. */
export const NOT_APPLICABLE: readonly { id: string, reason: string }[] = [
  { id: 'pitfall-19', reason: 'the Postgres store is not built; the stores there are (memory, SQLite) hand out versions inside the one writing transaction' },
  { id: 'pitfall-37', reason: 'the Convex functions are not built' },
]
