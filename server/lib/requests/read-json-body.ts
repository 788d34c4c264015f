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
 * The request's body. Its bytes count as held by this user until the request is answered. `parse` reads it as JSON.
 *
 * @throws GatewayError 415 not JSON, or compressed with anything but gzip; 403 the user has no workspace; 429 and 503 no room for it; the
 * errors of {@link receiveBody}
 */
export async function readJsonBody(event: H3Event, context: GatewayContext, { userId, workspaces }: GatewaySession): Promise<{ bytes: number, parse: () => unknown }> {
  const gzip = checkHeaders(event)
  // The body names a workspace. It cannot be one of this user's, because they have none. So it is not read.
  if (workspaces.length === 0) throw new GatewayError(403, 'UNAUTHORIZED', 'you are not a member of any workspace')
  const announced = gzip ? Number.NaN : Number(getRequestHeader(event, 'content-length') ?? Number.NaN)
  if (announced > DISCARD_MAX_BYTES) throw bodyError.tooLarge()
  // Nothing has been read yet. While there is no room, the body stays outside this process's memory.
  await context.work.hold(event, userId, Number.isNaN(announced) ? REQUEST_MAX_BYTES : Math.min(announced, REQUEST_MAX_BYTES))
  const body = isUnreadStream(event) ? await receiveBody(event.node.req, { gzip, timeoutMs: context.settings.bodyTimeoutMs }) : await takeReadBody(event, gzip)
  context.work.settle(event, body.byteLength)
  context.byteRates.count('in', userId, body.byteLength)
  return { bytes: body.byteLength, parse: () => parseJson(body) }
}

/** @returns whether the body is compressed */
function checkHeaders(event: H3Event): boolean {
  const type = getRequestHeader(event, 'content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') throw new GatewayError(415, 'VALIDATION_ERROR', 'send JSON: content-type must be application/json')
  const encoding = getRequestHeader(event, 'content-encoding')?.trim().toLowerCase() || 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip') throw new GatewayError(415, 'VALIDATION_ERROR', 'content-encoding must be gzip, or absent')
  return encoding === 'gzip'
}

/** Some hosts and middlewares hand over a body that has been read already. */
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
