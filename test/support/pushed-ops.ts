import type { PendingOp } from 'or3-sync/client'

/** The ops in the body of a `POST /push`. */
export function pushedOps(init: RequestInit | undefined): PendingOp[] {
  return (JSON.parse(String(init?.body)) as { ops: PendingOp[] }).ops
}

export function jsonReply(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
}
