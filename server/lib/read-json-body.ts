import type { IncomingMessage } from 'node:http'
import { getRequestHeader, readRawBody } from 'h3'
import type { H3Event } from 'h3'
import { REQUEST_MAX_BYTES } from '#or3-sync/shared/sync/limits'
import { DISCARD_MAX_BYTES } from './discard-body'
import { GatewayError } from './gateway-error'

/**
 * The request's JSON, which must have arrived within `timeoutMs`.
 *
 * @throws GatewayError 415 not JSON, 413 over 1 MiB, 408 too slow, 400 malformed
 */
export async function readJsonBody(event: H3Event, timeoutMs: number): Promise<unknown> {
  const type = getRequestHeader(event, 'content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw new GatewayError(415, 'VALIDATION_ERROR', 'send JSON: content-type must be application/json')
  const encoding = getRequestHeader(event, 'content-encoding')?.trim().toLowerCase()
  if (encoding && encoding !== 'identity') throw new GatewayError(415, 'VALIDATION_ERROR', 'send the body without content-encoding')
  if (Number(getRequestHeader(event, 'content-length')) > DISCARD_MAX_BYTES) throw tooLarge()
  const text = await readText(event, timeoutMs)
  try { return JSON.parse(text) as unknown }
  catch { throw new GatewayError(400, 'VALIDATION_ERROR', 'the body is not valid JSON') }
}

async function readText(event: H3Event, timeoutMs: number): Promise<string> {
  if (!isUnreadStream(event)) {
    const body = await readRawBody(event) ?? ''
    if (Buffer.byteLength(body) > REQUEST_MAX_BYTES) throw tooLarge()
    return body
  }
  return readStream(event.node.req, timeoutMs)
}

/** Some hosts and middlewares hand over a body that is read already. */
function isUnreadStream(event: H3Event): boolean {
  const { req } = event.node
  return !('body' in req && req.body !== undefined) && !('rawBody' in req && req.rawBody !== undefined) && typeof req.on === 'function' && !req.readableEnded
}

/** Never holds more than the limit: what is above it is counted and dropped. */
function readStream(req: IncomingMessage, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const fail = (error: GatewayError) => {
      clearTimeout(timer)
      req.removeAllListeners('data')
      reject(error)
    }
    const timer = setTimeout(() => fail(tooSlow(timeoutMs)), timeoutMs)
    req.on('data', (chunk: Buffer) => {
      size += chunk.byteLength
      if (size <= REQUEST_MAX_BYTES) chunks.push(chunk)
      else chunks.length = 0
      if (size > DISCARD_MAX_BYTES) fail(tooLarge())
    })
    req.on('end', () => {
      clearTimeout(timer)
      if (size > REQUEST_MAX_BYTES) reject(tooLarge())
      else resolve(Buffer.concat(chunks).toString('utf8'))
    })
    req.on('error', () => fail(incomplete()))
    req.on('close', () => fail(incomplete()))
  })
}

function tooLarge(): GatewayError {
  return new GatewayError(413, 'OVERSIZED', `a request has at most ${REQUEST_MAX_BYTES} bytes; send fewer ops`, { connection: 'close' })
}

/** Nothing is wrong with the request itself: the client tries again. */
function tooSlow(timeoutMs: number): GatewayError {
  return new GatewayError(408, 'NETWORK_ERROR', `the body did not arrive within ${timeoutMs / 1_000} s`, { connection: 'close' })
}

function incomplete(): GatewayError {
  return new GatewayError(400, 'VALIDATION_ERROR', 'the connection closed before the whole body arrived')
}
