import { gunzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { GatewaySyncProvider, type PushBatch } from 'or3-sync/client'
import { wireOp } from '../../../src/testing/contract/make-op'
import { jsonReply } from '../../support/pushed-ops'

interface Sent { encoding: string | undefined, ops: number }

const batch = (titleLength: number): PushBatch => ({
  scope: { workspaceId: 'w1' }, ops: [wireOp({ pk: 'a', payload: { id: 'a', title: 'x'.repeat(titleLength) } })],
})

/** A provider whose pushes are answered by `answer`, and what they were sent as. */
function open(answer: (sent: Sent) => Response) {
  const sent: Sent[] = []
  const provider = new GatewaySyncProvider({
    baseURL: 'http://app',
    fetch: async (_, init) => {
      const { body, headers } = init!
      const text = body instanceof ArrayBuffer ? gunzipSync(body).toString('utf8') : String(body)
      const one = { encoding: (headers as Record<string, string>)['content-encoding'], ops: (JSON.parse(text) as PushBatch).ops.length }
      sent.push(one)
      return answer(one)
    },
  })
  return { provider, sent, encodings: () => sent.map(({ encoding }) => encoding) }
}

const reply = (headers: Record<string, string> = {}) => jsonReply({ results: [], serverVersion: 1 }, 200, headers)
const takesGzip = { 'accept-encoding': 'br, gzip;q=0.5' }

describe('large pushes', () => {
  afterEach(() => vi.unstubAllGlobals())

  it('are compressed once the server has said that it takes that; small ones are not', async () => {
    const { provider, encodings } = open(() => reply(takesGzip))
    for (const length of [30_000, 30_000, 100, 6_000]) await provider.push(batch(length))
    expect(encodings()).toEqual([undefined, 'gzip', undefined, 'gzip'])
  })

  it('stay plain with a server that says nothing, or where a proxy says it', async () => {
    const { provider, encodings } = open(() => reply())
    for (let round = 0; round < 2; round++) await provider.push(batch(30_000))
    const proxied = open(() => new Response('{}', { headers: takesGzip }))
    for (let round = 0; round < 2; round++) await proxied.provider.push(batch(30_000)).catch(() => {})
    expect([...encodings(), ...proxied.encodings()]).toEqual([undefined, undefined, undefined, undefined])
  })

  it.each([
    ['refused with 415', () => new Response('', { status: 415 })],
    ['none that the gateway can read', () => jsonReply({ data: { code: 'VALIDATION_ERROR', message: 'content-encoding is gzip, and the body is not' } }, 400)],
  ])('go again, plain, where the compressed one is %s, and stay plain', async (_, refusal) => {
    const { provider, encodings } = open(({ encoding }) => encoding ? refusal() : reply(takesGzip))
    for (let round = 0; round < 3; round++) await provider.push(batch(30_000))
    expect(encodings()).toEqual([undefined, 'gzip', undefined, undefined])
  })

  it('F48: do not leave any more once the engine has stopped', async () => {
    const { provider, encodings } = open(({ encoding }) => encoding ? new Response('', { status: 415 }) : reply(takesGzip))
    await provider.push(batch(30_000))
    const stopping = new AbortController()
    const pushed = provider.push(batch(30_000), { signal: stopping.signal })
    stopping.abort(new Error('stopped'))
    await expect(pushed).rejects.toThrow('stopped')
    expect(encodings()).toEqual([undefined])
  })

  it('stay plain after a stranger has refused a compressed one', async () => {
    const { provider, encodings } = open(({ encoding }) => encoding ? new Response('<h1>Blocked</h1>', { status: 403 }) : reply(takesGzip))
    await provider.push(batch(30_000))
    await expect(provider.push(batch(30_000))).rejects.toMatchObject({ code: 'UNKNOWN' })
    await provider.push(batch(30_000))
    expect(encodings()).toEqual([undefined, 'gzip', undefined])
  })

  it('stay plain in browsers that cannot compress, and in a page that is being left', async () => {
    const { provider, encodings } = open(() => reply(takesGzip))
    await provider.push(batch(30_000))
    vi.stubGlobal('CompressionStream', undefined)
    await provider.push(batch(30_000))
    vi.unstubAllGlobals()
    vi.stubGlobal('document', { visibilityState: 'hidden' })
    await provider.push(batch(6_000))
    expect(encodings()).toEqual([undefined, undefined, undefined])
  })
})
