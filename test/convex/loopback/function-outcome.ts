import { convexToJson, type JSONValue, type Value } from 'convex/values'

/** What became of a function. An error that is no `ConvexError` keeps its message to itself, as in production. */
export type FunctionOutcome =
  | { ok: true, value: JSONValue }
  | { ok: false, message: string, data?: JSONValue, cause: unknown }

export function succeeded(value: unknown): FunctionOutcome {
  return { ok: true, value: convexToJson((value ?? null) as Value) }
}

export function failed(thrown: unknown): FunctionOutcome {
  const data = thrown && typeof thrown === 'object' && Symbol.for('ConvexError') in thrown ? (thrown as { data?: Value }).data : undefined
  if (data === undefined) return { ok: false, message: 'Server Error', cause: thrown }
  return { ok: false, message: 'Uncaught ConvexError', data: convexToJson(data), cause: thrown }
}
