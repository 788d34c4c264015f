import type { IncomingMessage } from 'node:http'
import { REQUEST_MAX_BYTES } from '#or3-sync/shared/sync/protocol/limits'

/** Bytes of a refused body that are read and thrown away at most. A client may read its answer only after it has sent everything. */
export const DISCARD_MAX_BYTES = 8 * REQUEST_MAX_BYTES

/** How long a client may go on sending after it has its answer, in milliseconds. */
const DISCARD_MS = 10_000

/** Reads and throws away the rest of a refused request's body. If it is too large or too slow, the connection is cut. */
export function discardBody(req: IncomingMessage): void {
  // There is nothing to read if the host is no Node server, or the body has been read already.
  if (typeof req.on !== 'function' || req.complete || req.readableEnded || req.destroyed) return
  let left = DISCARD_MAX_BYTES
  const cut = () => req.socket?.destroy()
  const timer = setTimeout(cut, DISCARD_MS)
  timer.unref()
  req.on('data', (chunk: Buffer) => {
    left -= chunk.byteLength
    if (left < 0) cut()
  })
  req.on('error', () => {})
  req.once('close', () => clearTimeout(timer))
  req.once('end', () => clearTimeout(timer))
  req.resume()
}
