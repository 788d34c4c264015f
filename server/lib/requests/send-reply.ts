import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { appendResponseHeader, setResponseHeaders } from 'h3'
import type { H3Event } from 'h3'
import type { GatewayContext } from '../context/gateway-context'
import { acceptsGzip } from '../http/accepts-gzip'
import { PACK_LEVEL, PACKED_MIN_BYTES } from '../http/packing'
import { onClose } from '../http/when-gone'

const pack = promisify(gzip)

/** If the client has not taken a reply after this time, the connection is cut. Milliseconds. */
const TAKE_MS = 60_000

/** Sends a whole reply, compressed off the main thread if the client accepts that. Its bytes count as held until the client has taken them. */
export async function sendReply(event: H3Event, context: GatewayContext, bytes: Buffer, contentType: string): Promise<void> {
  const { res } = event.node
  setResponseHeaders(event, { 'content-type': contentType })
  appendResponseHeader(event, 'vary', 'accept-encoding')
  let body = bytes
  context.work.settle(event, body.byteLength)
  if (body.byteLength > PACKED_MIN_BYTES && acceptsGzip(event)) {
    body = await pack(body, { level: PACK_LEVEL })
    setResponseHeaders(event, { 'content-encoding': 'gzip' })
    context.work.settle(event, body.byteLength)
  }
  setResponseHeaders(event, { 'content-length': body.byteLength })
  if (body.byteLength > PACKED_MIN_BYTES) cutWhenNotTaken(event)
  res.end(body)
}

function cutWhenNotTaken({ node: { res } }: H3Event): void {
  const timer = setTimeout(() => res.destroy(), TAKE_MS)
  timer.unref()
  onClose(res, () => clearTimeout(timer))
}
