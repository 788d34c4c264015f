import type { IncomingMessage } from 'node:http'
import { REQUEST_MAX_BYTES } from '#or3-sync/shared/sync/protocol/limits'

/** What is read and thrown away of a body that nobody wants, so that a client that sends first and reads later sees its answer. */
export const DISCARD_MAX_BYTES = 8 * REQUEST_MAX_BYTES

/** Milliseconds a client that has its answer may go on sending. */
const DISCARD_MS = 10_000

/** Lets the rest of a refused request's body pass, within bounds; then the connection is cut. */
export function discardBody(req: IncomingMessage): void {
  // Hosts that are no Node server, and bodies that are read already, have nothing to let pass.
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
