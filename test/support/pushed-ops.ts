import { gunzipSync } from 'node:zlib'
import type { PendingOp } from 'or3-sync/client'

/** The ops in the body of a `POST /push`, compressed or not. */
export function pushedOps(init: RequestInit | undefined): PendingOp[] {
  const body = init?.body
  const text = body instanceof ArrayBuffer ? gunzipSync(body).toString('utf8') : String(body)
  return (JSON.parse(text) as { ops: PendingOp[] }).ops
}

/** An answer of the gateway. */
export function jsonReply(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', 'x-or3-sync-protocol': '1', ...headers } })
}
