import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { startCountingProxy } from '../../../bench/counting-proxy'
import { LightReader } from '../../../bench/load/light-reader'
import { topSelfTimes } from '../../../bench/profile/summary'

const cleanUps: (() => void)[] = []
afterEach(() => cleanUps.splice(0).forEach(cleanUp => cleanUp()))

describe('the tools of the benchmark', () => {
  it('counts what goes through a proxy, as it is sent and unpacked, and changes nothing', async () => {
    const text = 'a text that is packed. '.repeat(500)
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const received = gunzipSync(Buffer.concat(chunks)).toString()
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(received))
      })
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const proxy = await startCountingProxy(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    cleanUps.push(() => proxy.stop(), () => server.close())
    const response = await fetch(proxy.origin, { method: 'POST', headers: { 'content-encoding': 'gzip' }, body: gzipSync(text) })
    expect(await response.text()).toBe(text)
    const { up, down } = proxy.take()
    expect([up.plain, down.plain]).toEqual([text.length, text.length])
    for (const { wire } of [up, down]) {
      expect(wire).toBeGreaterThan(gzipSync(text).length)
      expect(wire).toBeLessThan(gzipSync(text).length + 1_000)
    }
    expect(proxy.take()).toEqual({ up: { wire: 0, plain: 0 }, down: { wire: 0, plain: 0 } })
  })

  it('reads every change of a stream once, wherever the stream is cut', () => {
    const stream = Buffer.from(`event: changes\ndata: {"changes":[]}\n\n${[1.25, 22, 333.5].map(time => `event: changes\ndata: {"changes":[{"payload":{"id":"a","sentAt":${time}}}]}\n\n`).join('')}`)
    for (let size = 1; size <= stream.length; size++) {
      const seen: number[] = []
      const reader = new LightReader(sentAt => seen.push(sentAt))
      for (let from = 0; from < stream.length; from += size) reader.take(stream.subarray(from, from + size))
      expect(seen).toEqual([1.25, 22, 333.5])
      expect(reader).toMatchObject({ received: 3, connected: true })
    }
  })

  it('adds up the time that functions took themselves, without idling', () => {
    const frame = (functionName: string) => ({ functionName, url: 'http://localhost/engine.js', lineNumber: 4 })
    const nodes = [{ id: 1, callFrame: frame('(idle)') }, { id: 2, callFrame: frame('put') }, { id: 3, callFrame: frame('') }]
    const times = topSelfTimes({ nodes, samples: [1, 2, 3, 2, 1], timeDeltas: [0, 5_000, 1_000, 2_000, 3_000] }, 5)
    expect(times).toEqual([{ where: 'put engine.js:5', ms: 4 }, { where: '(anonymous) engine.js:5', ms: 2 }])
  })
})
