import { describe, expect, it } from 'vitest'
import { gatewayError } from '#or3-sync/core/sync/transport/gateway/gateway-error'
import { readGatewayReply } from '#or3-sync/core/sync/transport/gateway/read-gateway-reply'
import { jsonReply } from '../../support/pushed-ops'

const verdict = (code: string, status: number) => jsonReply({ data: { code, message: 'no' } }, status)
const page = (status: number, headers: Record<string, string> = {}) => new Response('<h1>Blocked</h1>', { status, headers: { 'content-type': 'text/html', ...headers } })

describe('what the gateway says', () => {
  it.each([
    ['UNAUTHORIZED', 401, true], ['UNAUTHORIZED', 403, false], ['READ_ONLY', 403, false],
    ['FOREIGN_ORIGIN', 403, true], ['SYNC_DISABLED', 404, true], ['NETWORK_ERROR', 408, true], ['USER_CHANGED', 409, true], ['OVERSIZED', 413, false],
    ['UNSUPPORTED_PROTOCOL', 426, false], ['RATE_LIMITED', 429, true], ['SERVER_ERROR', 500, true], ['SERVER_ERROR', 503, true],
  ])('F29: %s at %i is its verdict', async (code, status, retryable) => {
    expect(await gatewayError(verdict(code, status))).toMatchObject({ code, status, retryable, message: 'no' })
  })

  it.each([400, 415])('A1: a request that it cannot read (%i) is no verdict on the edits in it: it may pass, as it was sent', async (status) => {
    expect(await gatewayError(verdict('VALIDATION_ERROR', status))).toMatchObject({ code: 'VALIDATION_ERROR', status, retryable: true, message: expect.stringContaining('on the way') as string })
  })

  it.each([
    ['without the protocol\'s header', new Response(JSON.stringify({ data: { code: 'VALIDATION_ERROR' } }), { status: 400 }), 'UNKNOWN'],
    ['with a code that it never says at this status', verdict('VALIDATION_ERROR', 403), 'UNKNOWN'],
    ['with a code nobody knows', verdict('BLOCKED', 400), 'UNKNOWN'],
    ['with a code of another kind', verdict('toString', 400), 'UNKNOWN'],
    ['without a body of ours', page(400, { 'x-or3-sync-protocol': '1' }), 'UNKNOWN'],
    ['a page with 400', page(400), 'UNKNOWN'], ['a page with 403', page(403), 'UNKNOWN'], ['a page with 404', page(404), 'UNKNOWN'],
    ['a page with 413', page(413), 'OVERSIZED'], ['a page with 415', page(415), 'UNKNOWN'], ['a page with 426', page(426), 'UNKNOWN'],
    ['a page with 401', page(401), 'UNAUTHORIZED'], ['a page with 429', page(429), 'RATE_LIMITED'], ['a page with 502', page(502), 'SERVER_ERROR'],
  ])('F29: an answer %s is nobody\'s verdict, and passes', async (_, response, code) => {
    expect(await gatewayError(response)).toMatchObject({ code, retryable: true })
  })

  it('F29: a 200 that is not the gateway\'s is no reply', async () => {
    await expect(readGatewayReply(page(200))).rejects.toMatchObject({ code: 'UNKNOWN', status: 200, retryable: true })
    await expect(readGatewayReply(Response.json({ results: [], serverVersion: 3 }))).rejects.toMatchObject({ code: 'UNKNOWN' })
    await expect(readGatewayReply(new Response(null, { status: 204 }))).rejects.toMatchObject({ code: 'UNKNOWN' })
    expect(await readGatewayReply(jsonReply({ ok: true }))).toEqual({ ok: true })
  })

  it('is not lost when it is cut off on the way', async () => {
    const cut = new Response('{"results": [', { headers: { 'x-or3-sync-protocol': '1' } })
    await expect(readGatewayReply(cut)).rejects.toMatchObject({ code: 'NETWORK_ERROR', retryable: true })
  })
})
