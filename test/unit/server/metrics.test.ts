import { afterEach, describe, expect, it } from 'vitest'
import { memoryBackend } from '../../../server/lib/backends/memory'
import { jsonLogger } from '../../../server/lib/observe/json-logger'
import { prometheusMetrics } from '../../../server/lib/observe/prometheus-metrics'
import { NOW, wireOp } from './support/make-op'
import { openStream } from './support/open-stream'
import { startTestGateway } from './support/test-gateway'
import type { ErrorReply, TestGateway } from './support/test-gateway'

let server: TestGateway
afterEach(() => server.stop())

const scrape = async (token?: string) => {
  const response = await fetch(`${server.origin}/api/sync/metrics`, { headers: token ? { authorization: `Bearer ${token}` } : {} })
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}

describe('metrics', () => {
  it('count pushes by outcome, rows, streams, requests and garbage', async () => {
    server = await startTestGateway({ metrics: await prometheusMetrics(), metricsToken: 'scraper' })
    const stream = await openStream(server, 'workspaceId=w1')
    await stream.next()
    const op = wireOp({ clock: 2 })
    await server.push([op, wireOp({ pk: 'b' }), wireOp({ pk: 'bad', payload: { id: 'bad' } })])
    await server.push([op, wireOp({ clock: 1, device: 'device-2' }), wireOp({ pk: 'b', op: 'delete', clock: 3 })])
    await stream.next()
    await server.pull()
    await server.gateway.gc()
    await server.get('/nobody/thought/of/this')
    const { text, type } = await scrape('scraper')
    expect(type).toContain('text/plain')
    const sample = (line: string) => Number(new RegExp(`^${line.replace(/[{}"]/g, '\\$&')} (\\S+)$`, 'm').exec(text)?.[1])
    expect(['applied', 'replayed', 'lost', 'VALIDATION_ERROR'].map(outcome => sample(`or3_sync_ops_total{outcome="${outcome}"}`))).toEqual([3, 1, 1, 1])
    expect(sample('or3_sync_rows_sent_total{by="pull"}')).toBe(2)
    expect(sample('or3_sync_rows_sent_total{by="stream"}')).toBeGreaterThanOrEqual(2)
    expect(sample('or3_sync_streams')).toBe(1)
    expect(sample('or3_sync_requests_total{route="push",status="200"}')).toBe(2)
    expect(sample('or3_sync_requests_total{route="unknown",status="404"}')).toBe(1)
    expect(sample('or3_sync_request_duration_seconds_count{route="push"}')).toBe(2)
    expect(sample('or3_sync_gc_removed_total{kind="tombstones"}')).toBe(1)
    expect(sample('process_resident_memory_bytes')).toBeGreaterThan(0)
    expect(text, 'no people, no ids, no payloads').not.toMatch(/ada|w1|todos|title/)
    stream.close()
  })

  it('are for those who have the token, and nowhere without one', async () => {
    server = await startTestGateway({ metrics: await prometheusMetrics(), metricsToken: 'scraper' })
    expect((await scrape()).status).toBe(401)
    expect((await scrape('wrong')).status).toBe(401)
    expect((await scrape('scraper')).status).toBe(200)
    await server.stop()
    server = await startTestGateway()
    expect(await scrape('scraper')).toMatchObject({ status: 404 })
  })
})

describe('the log', () => {
  const lines: string[] = []
  const start = (options: Parameters<typeof startTestGateway>[0] = {}, level: 'debug' | 'info' | 'silent' = 'debug') => {
    lines.length = 0
    return startTestGateway({ logger: jsonLogger({ write: line => lines.push(line), level: () => level, now: () => NOW }), ...options })
  }

  it('is a line of JSON an entry, with nothing of payloads, cookies or tokens, whatever goes wrong', async () => {
    const away = () => Promise.reject(new Error('the disk is full', { cause: new Error('ENOSPC') }))
    server = await start({ backend: Object.assign(memoryBackend(), { pull: away, gc: async () => ({ workspaces: 1, tombstones: 2, devices: 0, purged: 0 }) }) })
    const secrets = { 'cookie': 'session=cookie-secret', 'authorization': 'Bearer token-secret', 'x-user': 'ada' }
    await server.post('/push', { scope: { workspaceId: 'w1' }, ops: [wireOp({ payload: { id: 'a', title: 'payload-secret' } }), wireOp({ payload: { id: 'a', title: 7, text: 'payload-secret' } })] }, 'ada', secrets)
    await server.post('/push', '{"payload-secret', 'ada', secrets)
    await server.post('/pull', { scope: { workspaceId: 'w1' }, cursor: 0, limit: 1 }, 'ada', secrets)
    await server.get<ErrorReply>('/subscribe?workspaceId=w1&cursor=payload-secret', 'ada', secrets)
    await server.gateway.gc()
    const entries = lines.map(line => JSON.parse(line) as Record<string, unknown>)
    expect(entries).toMatchObject([
      { level: 'debug', route: 'push', status: 400, code: 'VALIDATION_ERROR', time: new Date(NOW).toISOString() },
      { level: 'warn', message: '[or3-sync] the store does not answer', error: { cause: { message: 'the disk is full', cause: { message: 'ENOSPC' } } } },
      { level: 'debug', route: 'pull', status: 503 },
      { level: 'debug', route: 'subscribe', status: 400 },
      { level: 'info', message: '[or3-sync] garbage collected', tombstones: 2 },
    ])
    expect(lines.every(line => line.endsWith('}\n') && line.indexOf('\n') === line.length - 1)).toBe(true)
    expect(lines.join()).not.toContain('-secret')
  })

  it('is not flooded by a store that is away for long', async () => {
    let now = NOW
    server = await start({ now: () => now, backend: Object.assign(memoryBackend(), { health: () => Promise.reject(new Error('away')) }) }, 'info')
    for (let request = 0; request < 50; request++) await server.get('/health')
    expect(lines).toHaveLength(1)
    now += 10_000
    await server.get('/health')
    expect(JSON.parse(lines[1]!)).toMatchObject({ level: 'warn', notLogged: 49 })
  })

  it('keeps silent when told to', async () => {
    server = await start({ session: () => { throw new Error('broken') } }, 'silent')
    await server.get('/session')
    expect(lines).toEqual([])
  })
})
