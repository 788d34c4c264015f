import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { getRequestHeader, readRawBody } from 'h3'
import type { H3Event } from 'h3'
import { REQUEST_MAX_BYTES } from '#or3-sync/shared/sync/protocol/limits'
import { DISCARD_MAX_BYTES } from '../http/discard-body'
import type { GatewayContext } from '../context/gateway-context'
import { GatewayError } from '../errors/gateway-error'
import type { GatewaySession } from '../session/gateway-session'
import { bodyError } from '../http/body-error'
import { receiveBody } from '../http/receive-body'

const unpackAll = promisify(gunzip)

/**
 * The request's body, counted as bytes that this user holds until the request is answered. `parse` reads it as JSON.
 *
 * @throws GatewayError 415 not JSON, or packed by anything but gzip; 403 a user of no workspace; 429 and 503 no room for it; those of {@link receiveBody}
 */
export async function readJsonBody(event: H3Event, context: GatewayContext, { userId, workspaces }: GatewaySession): Promise<{ bytes: number, parse: () => unknown }> {
  const gzip = checkHeaders(event)
  // Which workspace is asked for stands in the body. Here it cannot be one of theirs.
  if (workspaces.length === 0) throw new GatewayError(403, 'UNAUTHORIZED', 'you are not a member of any workspace')
  const announced = gzip ? Number.NaN : Number(getRequestHeader(event, 'content-length') ?? Number.NaN)
  if (announced > DISCARD_MAX_BYTES) throw bodyError.tooLarge()
  // Nothing has been read by now: while there is no room, the body waits where it is.
  await context.work.hold(event, userId, Number.isNaN(announced) ? REQUEST_MAX_BYTES : Math.min(announced, REQUEST_MAX_BYTES))
  const body = isUnreadStream(event) ? await receiveBody(event.node.req, { gzip, timeoutMs: context.settings.bodyTimeoutMs }) : await takeReadBody(event, gzip)
  context.work.settle(event, body.byteLength)
  context.byteRates.count('in', userId, body.byteLength)
  return { bytes: body.byteLength, parse: () => parseJson(body) }
}

/** @returns whether the body is packed */
function checkHeaders(event: H3Event): boolean {
  const type = getRequestHeader(event, 'content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw new GatewayError(415, 'VALIDATION_ERROR', 'send JSON: content-type must be application/json')
  const encoding = getRequestHeader(event, 'content-encoding')?.trim().toLowerCase() || 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip') throw new GatewayError(415, 'VALIDATION_ERROR', 'content-encoding must be gzip, or absent')
  return encoding === 'gzip'
}

/** Some hosts and middlewares hand over a body that is read already. */
function isUnreadStream(event: H3Event): boolean {
  const { req } = event.node
  return !('body' in req && req.body !== undefined) && !('rawBody' in req && req.rawBody !== undefined) && typeof req.on === 'function' && !req.readableEnded
}

async function takeReadBody(event: H3Event, gzip: boolean): Promise<Buffer> {
  const body = Buffer.from(await readRawBody(event, false) ?? '')
  if (!gzip && body.byteLength > REQUEST_MAX_BYTES) throw bodyError.tooLarge()
  if (!gzip) return body
  try { return await unpackAll(body, { maxOutputLength: REQUEST_MAX_BYTES }) }
  catch (error) { throw (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE' ? bodyError.tooLarge() : bodyError.noGzip() }
}

function parseJson(body: Buffer): unknown {
  try { return JSON.parse(body.toString('utf8')) as unknown }
  catch { throw bodyError.noJson() }
}
