import { GatewayLink, SLOW_MS } from '#or3-sync/inspector/network/gateway-link'
import { describe, expect, it, vi } from 'vitest'

const answer = (body: BodyInit | null = '{}', type = 'application/json') => new Response(body, { headers: { 'content-type': type } })

/** Never answers; rejects when it is aborted. */
async function unanswered(_: unknown, { signal }: RequestInit = {}): Promise<Response> {
  return await new Promise((_, reject) => {
    if (signal!.aborted) reject(signal!.reason)
    signal!.addEventListener('abort', () => reject(signal!.reason))
  })
}

function openStream() {
  let source: ReadableStreamDefaultController<Uint8Array>
  const body = new ReadableStream<Uint8Array>({ start: (controller) => { source = controller } })
  return { response: answer(body, 'text/event-stream'), end: () => source.close() }
}

describe('the link to the gateway', () => {
  it('passes requests and answers on while it is online', async () => {
    const fetch = vi.fn(async () => answer('{"ok":true}'))
    const link = new GatewayLink({ fetch })
    const response = await link.fetch('/api/sync/pull', { method: 'POST', body: 'x' })
    expect(await response.json()).toEqual({ ok: true })
    expect(fetch).toHaveBeenCalledWith('/api/sync/pull', expect.objectContaining({ method: 'POST', body: 'x' }))
  })

  it('lets nothing out while it is offline, and breaks what is under way', async () => {
    const fetch = vi.fn(unanswered)
    const link = new GatewayLink({ fetch })
    const underWay = link.fetch('/pull')
    link.mode = 'offline'
    await expect(underWay).rejects.toThrow('abort')
    await expect(link.fetch('/pull')).rejects.toThrow(TypeError)
    expect(fetch).toHaveBeenCalledTimes(1)
  })

  it('answers 503 by itself while it is failing', async () => {
    const fetch = vi.fn(async () => answer())
    const link = new GatewayLink({ fetch })
    link.mode = 'failing'
    expect((await link.fetch('/push')).status).toBe(503)
    expect(fetch).not.toHaveBeenCalled()
  })

  it('waits before each request while it is slow', async () => {
    const waits: number[] = []
    const link = new GatewayLink({ fetch: async () => answer(), wait: async (ms) => { waits.push(ms) } })
    await link.fetch('/pull')
    link.mode = 'slow'
    await link.fetch('/pull')
    expect(waits).toEqual([SLOW_MS])
  })

  it('passes the caller\'s abort on with its reason: a push that took too long is made smaller', async () => {
    const link = new GatewayLink({ fetch: unanswered })
    const caller = new AbortController()
    const request = link.fetch('/push', { signal: caller.signal })
    caller.abort(new DOMException('it took too long', 'TimeoutError'))
    await expect(request).rejects.toMatchObject({ name: 'TimeoutError' })
    await expect(link.fetch('/push', { signal: caller.signal })).rejects.toMatchObject({ name: 'TimeoutError' })
  })

  it('tells by which transport changes come', async () => {
    const stream = openStream()
    const link = new GatewayLink({ fetch: async input => String(input).startsWith('/subscribe') ? stream.response : answer() })
    expect(link.transport).toBe('none')
    await link.fetch('/pull')
    expect(link.transport).toBe('pulls')
    const { body } = await link.fetch('/subscribe?x')
    expect(link.transport).toBe('event stream')
    stream.end()
    await body!.getReader().read()
    await vi.waitFor(() => expect(link.transport).toBe('pulls'))
  })
})
