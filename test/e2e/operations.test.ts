import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { PushResult } from '#or3-sync/shared/sync/protocol/types'
import { Member } from '../support/member'
import { type PlaygroundServer, startPlayground } from '../support/playground-server'

/** Wall time that begins fifteen seconds before the collection of every hour, at minute 17: a busy machine takes some to start. */
const CLOCK_BEFORE_GC = `
const real = Date.now
const target = new Date(real())
target.setMinutes(16, 45, 0)
const offset = target.getTime() - real()
const RealDate = Date
globalThis.Date = class extends RealDate {
  constructor(...args) { args.length ? super(...args) : super(real() + offset) }
  static now() { return real() + offset }
}
`

let server: PlaygroundServer
afterEach(() => server?.stop())

const logged = () => server.stderr().split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line) as { message: string, level: string, [field: string]: unknown })

describe('a built server', () => {
  it('stops on SIGTERM with every batch answered, its streams ended, and nothing acknowledged missing', async () => {
    server = await startPlayground()
    const member = await Member.signIn(server.origin, 'Ann')
    const workspaceId = await member.createWorkspace('Shutdown')
    const stream = await fetch(`${server.origin}/api/sync/subscribe?workspaceId=${workspaceId}`, { headers: { cookie: member.cookie } })
    const streamEnded = stream.text()
    const acknowledged: string[] = []
    let refused = 0
    let stopping = false
    const pushForEver = async (lane: number) => {
      for (let index = 0; !stopping; index++) {
        const id = `post-${lane}-${index}`
        const reply = await push(member, workspaceId, id).catch(() => null)
        if (!reply?.ok) {
          refused++
          return
        }
        // A reply that has begun must come as a whole.
        const { results } = await reply.json() as PushResult
        if (results[0]?.success) acknowledged.push(id)
      }
    }
    const lanes = Promise.all([0, 1, 2, 3].map(pushForEver))
    await expect.poll(() => acknowledged.length, { timeout: 60_000, interval: 5 }).toBeGreaterThan(20)
    const startedAt = performance.now()
    await server.kill('SIGTERM')
    expect(performance.now() - startedAt, 'Nitro would force it after 30 s').toBeLessThan(20_000)
    stopping = true
    await lanes
    expect(refused).toBe(4)
    expect(await streamEnded).toContain('event: changes')
    expect(logged().map(({ message }) => message)).toEqual(['[or3-sync] started', '[or3-sync] stopping'])

    await server.restart()
    const stored = new Set((await member.storedRows(workspaceId, 'posts')).map(({ id }) => id))
    expect(acknowledged.filter(id => !stored.has(id))).toEqual([])
  })

  it('F62: whose log nobody reads any more works on, and ends on SIGTERM', async () => {
    server = await startPlayground({ NUXT_OR3_SYNC_LOG_LEVEL: 'debug' })
    server.loseLog()
    // Refused requests are logged at this level.
    for (let request = 0; request < 5; request++) expect((await fetch(`${server.origin}/api/sync/token`)).status).toBeGreaterThanOrEqual(400)
    const startedAt = performance.now()
    await server.kill('SIGTERM')
    expect(performance.now() - startedAt, 'Nitro would force it after 30 s').toBeLessThan(20_000)
  })

  it('collects garbage on its schedule', async () => {
    server = await startPlayground()
    const preload = join(server.folder, 'clock.mjs')
    await writeFile(preload, CLOCK_BEFORE_GC)
    // Nitro runs no schedules where it takes itself to be under test.
    await server.restart({ NODE_OPTIONS: `--import=${preload}`, TEST: '' })
    await expect.poll(() => logged().find(({ message }) => message === '[or3-sync] garbage collected'), { timeout: 60_000, interval: 100 })
      .toMatchObject({ level: 'info', workspaces: expect.any(Number) as number, tombstones: 0 })
  })

  it('shows its metrics to those who have the token', async () => {
    server = await startPlayground({ NUXT_OR3_SYNC_METRICS_TOKEN: 'scraper' })
    const scrape = (headers: Record<string, string>) => fetch(`${server.origin}/api/sync/metrics`, { headers })
    expect((await scrape({})).status).toBe(401)
    const reply = await scrape({ authorization: 'Bearer scraper' })
    expect(reply.status).toBe(200)
    expect(await reply.text()).toContain('or3_sync_streams 0')
    await server.restart({ NUXT_OR3_SYNC_METRICS_TOKEN: '' })
    expect((await scrape({ authorization: 'Bearer scraper' })).status).toBe(404)
  })
})

describe('a built server whose store cannot be opened', () => {
  it('does not start, and says why in one line', async () => {
    server = await startPlayground()
    const path = join(server.folder, 'text.sqlite')
    await writeFile(path, 'no database'.repeat(500))
    const before = server.stderr().length
    await expect(server.restart({ OR3_SYNC_SQLITE_PATH: path })).rejects.toThrow()
    expect(server.stderr().slice(before).trim()).toMatch(/^\[or3-sync\] cannot open the SQLite store \S+: it is no SQLite database; [^\n]+$/)
  })
})

function push(member: Member, workspaceId: string, id: string): Promise<Response> {
  const stamp = { deviceId: 'device-1', opId: crypto.randomUUID(), hlc: `${Date.now().toString(36).padStart(9, '0')}:0000:shutdown`, clock: 1 }
  const op = { tableName: 'posts', operation: 'put', pk: id, payload: { id, title: 'a post' }, stamp, base: null }
  return fetch(`${member.origin}/api/sync/push`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'cookie': member.cookie },
    body: JSON.stringify({ scope: { workspaceId }, ops: [op] }),
  })
}
