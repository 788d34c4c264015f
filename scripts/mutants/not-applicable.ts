/** Pitfalls, or parts of them, that cannot be put back because this version has no such code. */
export const NOT_APPLICABLE: readonly { id: string, reason: string }[] = [
  { id: 'pitfall-19', reason: 'the Postgres store is not built; the stores there are (memory, SQLite, Convex) hand out versions inside the one writing transaction' },
  { id: 'pitfall-27, restarts on route changes', reason: 'nothing in the engine or its plugin looks at routes' },
  { id: 'pitfall-30, GC by any member', reason: 'no route of the gateway runs GC, and none takes a retention (on Convex GC is internal, which 30g undoes)' },
]
