import type { IncomingMessage } from 'node:http'
import { getRequestHeader, readRawBody } from 'h3'
import type { H3Event } from 'h3'
import { REQUEST_MAX_BYTES } from '#or3-sync/shared/sync/limits'
import { GatewayError } from './gateway-error'

/** What is still read, and thrown away, of a body that is too large: a client that is cut off sees no answer. */
const DISCARD_MAX_BYTES = 8 * REQUEST_MAX_BYTES

/**
 * The request's JSON.
 *
 * @throws GatewayError 415 not JSON, 413 over 1 MiB, 400 malformed
 */
export async function readJsonBody(event: H3Event): Promise<unknown> {
  const type = getRequestHeader(event, 'content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw new GatewayError(415, 'VALIDATION_ERROR', 'send JSON: content-type must be application/json')
  const encoding = getRequestHeader(event, 'content-encoding')?.trim().toLowerCase()
  if (encoding && encoding !== 'identity') throw new GatewayError(415, 'VALIDATION_ERROR', 'send the body without content-encoding')
  const text = await readText(event)
  try { return JSON.parse(text) as unknown }
  catch { throw new GatewayError(400, 'VALIDATION_ERROR', 'the body is not valid JSON') }
}

async function readText(event: H3Event): Promise<string> {
  if (!isUnreadStream(event)) {
    const body = await readRawBody(event) ?? ''
    if (Buffer.byteLength(body) > REQUEST_MAX_BYTES) throw tooLarge()
    return body
  }
  return readStream(event.node.req)
}

/** Some hosts and middlewares hand over a body that is read already. */
function isUnreadStream(event: H3Event): boolean {
  const { req } = event.node
  return !('body' in req && req.body !== undefined) && !('rawBody' in req && req.rawBody !== undefined) && typeof req.on === 'function' && !req.readableEnded
}

function readStream(req: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const fail = (error: GatewayError) => {
      req.removeAllListeners('data')
      req.resume()
      reject(error)
    }
    req.on('data', (chunk: Buffer) => {
      size += chunk.byteLength
      if (size <= REQUEST_MAX_BYTES) chunks.push(chunk)
      else chunks.length = 0
      if (size > DISCARD_MAX_BYTES) fail(tooLarge())
    })
    req.on('end', () => size > REQUEST_MAX_BYTES ? reject(tooLarge()) : resolve(Buffer.concat(chunks).toString('utf8')))
    req.on('error', () => fail(incomplete()))
    req.on('close', () => fail(incomplete()))
  })
}

function tooLarge(): GatewayError {
  return new GatewayError(413, 'OVERSIZED', `a request has at most ${REQUEST_MAX_BYTES} bytes; send fewer ops`, { connection: 'close' })
}

function incomplete(): GatewayError {
  return new GatewayError(400, 'VALIDATION_ERROR', 'the connection closed before the whole body arrived')
}
