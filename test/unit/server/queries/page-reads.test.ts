import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApp, defineEventHandler, setResponseHeader, toNodeListener } from 'h3'
import type { H3Event } from 'h3'
import { afterEach, describe, expect, it } from 'vitest'
import type { PageReader } from '#or3-sync/shared/sync/query/page-reader'
import type { QueryPlan } from '#or3-sync/shared/sync/query/query-plan'
import type { SyncBackend } from '../../../../server/lib/backends/backend'
import { memoryBackend } from '../../../../server/lib/backends/memory'
import type { GatewayOptions } from '../../../../server/lib/context/gateway-options'
import { createSyncGateway } from '../../../../server/lib/create-sync-gateway'
import { BackendUnavailableError } from '../../../../server/lib/errors/backend-unavailable-error'
import { passOn } from '../../../../src/testing/pass-on'
import { NOW } from '../support/make-op'
import { PEOPLE } from '../support/test-gateway'
import { ALL, pushRows, schema } from './query-store'

type Page = (reader: PageReader | null, event: H3Event) => unknown

let stop = async () => {}
afterEach(() => stop())

const idsOf = async (reader: PageReader, plan: Partial<QueryPlan> = {}) => ((await reader.read({ ...ALL, ...plan })).value as { id: string }[]).map(({ id }) => id)
/** Who reads, where, and what. */
const show: Page = async reader => reader && { userId: reader.userId, workspaceId: reader.workspaceId, ids: await idsOf(reader) }

/** A site whose pages read from the store. Workspaces w1 and w2 have a row each, with their own id. */
async function startSite(page: Page, options: Partial<GatewayOptions> = {}) {
  const log: string[] = []
  const backend = options.backend ?? memoryBackend()
  for (const workspace of ['w1', 'w2', 'a/ü']) await pushRows(backend, workspace, schema.tables.plain, [{ id: workspace }])
  const asked: string[] = []
  const gateway = createSyncGateway({
    schema, now: () => NOW,
    session: (event) => {
      const name = String(event.node.req.headers['x-user'])
      asked.push(name)
      return PEOPLE[name] ?? null
    },
    logger: { warn: (message, fields) => log.push(`${message}: ${String(fields?.error)}`), error: message => log.push(message) },
    ...options, backend,
  })
  const app = createApp().use(gateway).use(defineEventHandler(async event => ({ shown: await page(await gateway.pageReader(event), event) ?? null })))
  const server = createServer(toNodeListener(app))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  stop = async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
    await gateway.close()
  }
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const get = async (user: string, cookie = '') => {
    const response = await fetch(`${origin}/page`, { headers: { 'x-user': user, cookie } })
    const { shown } = await response.json() as { shown: unknown }
    return { shown, cache: response.headers.get('cache-control') }
  }
  return { get, log, asked, gateway }
}

describe('the workspace of a page', () => {
  it.each([
    ['the first of the session', 'ada', '', 'w1'],
    ['the one of the cookie', 'ada', 'or3-sync-workspace=w2', 'w2'],
    ['the first, if the cookie names one of somebody else', 'bob', 'or3-sync-workspace=w2', 'w1'],
    ['the first, if the cookie is damaged', 'bob', 'or3-sync-workspace=%E0%A4%A; x=%', 'w1'],
    ['one with a percent-encoded id', 'odd', `or3-sync-workspace=${encodeURIComponent('a/ü')}`, 'a/ü'],
    ['one that is only viewed', 'viewer', '', 'w2'],
  ])('is %s', async (_, user, cookie, workspaceId) => {
    const people = { ...PEOPLE,
      odd: { userId: 'odd', workspaces: [{ id: 'w1', role: 'owner' as const }, { id: 'a/ü', role: 'owner' as const }] },
      viewer: { userId: 'viewer', workspaces: [{ id: 'w2', role: 'viewer' as const }] } } as typeof PEOPLE
    const site = await startSite(show, { session: event => people[String(event.node.req.headers['x-user'])] ?? null })
    expect((await site.get(user, cookie)).shown).toEqual({ userId: people[user]!.userId, workspaceId, ids: [workspaceId] })
  })
})

describe('a page has no reader', () => {
  it('when nobody is signed in, or they have no workspace, or an unknown role', async () => {
    const people: Record<string, unknown> = { none: null, lonely: { userId: 'lonely', workspaces: [] }, guest: { userId: 'guest', workspaces: [{ id: 'w1', role: 'guest' }] } }
    const site = await startSite(show, { session: event => people[String(event.node.req.headers['x-user'])] as never })
    for (const user of Object.keys(people)) expect(await site.get(user, 'or3-sync-workspace=w1')).toEqual({ shown: null, cache: null })
  })

  it('when sync is off, and then the session is not asked for', async () => {
    const site = await startSite(show, { enabled: () => false })
    expect([await site.get('ada'), site.asked]).toEqual([{ shown: null, cache: null }, []])
  })

  it('when the session fails, which is logged once', async () => {
    const site = await startSite(show, { session: () => Promise.reject(new Error('no database')) })
    for (let page = 0; page < 3; page++) expect((await site.get('ada')).shown).toBeNull()
    expect(site.log).toEqual([
      expect.stringContaining('[or3-sync] the session hook throws an error'),
      '[or3-sync] a page was rendered without some of its rows: Error: no database',
    ])
  })
})

it('the session is asked for once, and only if the page reads', async () => {
  const site = await startSite(async (reader, event) => {
    expect(await site.gateway.pageReader(event)).toBe(reader)
    return 'page'
  })
  await site.get('ada')
  expect(site.asked).toEqual(['ada'])
})

it('queries that ask for the same are read once, also at the same time', async () => {
  const backend = memoryBackend()
  const pulls: string[] = []
  const counting: SyncBackend = { ...passOn(backend), pull: async (request) => {
    pulls.push(`${request.workspaceId} ${request.userId} ${request.session?.userId}`)
    return await backend.pull(request)
  } }
  const date = (ms: number): Partial<QueryPlan> => ({ index: 'a', range: { kind: 'above', value: new Date(ms), isInclusive: false } })
  const site = await startSite(async (reader) => {
    await Promise.all([{}, {}, { limit: 5 }, date(1), date(1), date(2), { index: 'a', range: { kind: 'above', value: new Date(1).toJSON(), isInclusive: false } as const }].map(plan => idsOf(reader!, plan)))
    return await idsOf(reader!)
  }, { backend: counting })
  expect((await site.get('ada')).shown).toEqual(['w1'])
  expect(pulls).toEqual(Array.from({ length: 5 }, () => 'w1 ada ada'))
})

describe('caches', () => {
  it('do not keep a page that has read rows', async () => {
    const site = await startSite(show)
    expect((await site.get('ada')).cache).toBe('private, no-cache')
  })

  it('are told nothing by a page that only could have read, or whose query failed', async () => {
    const site = await startSite(async reader => await reader!.read({ ...ALL, table: 'none' }).then(() => 'read', () => 'failed'))
    expect(await site.get('ada')).toEqual({ shown: 'failed', cache: null })
  })

  it('are told what the app says', async () => {
    const site = await startSite(async (reader, event) => {
      setResponseHeader(event, 'cache-control', 'no-store')
      return await show(reader, event)
    })
    expect((await site.get('ada')).cache).toBe('no-store')
  })
})

describe('a store that is away', () => {
  it('fails the queries, and is logged once', async () => {
    const backend = memoryBackend()
    const site = await startSite(async reader => await reader!.read(ALL).then(() => 'read', (error: Error) => error.message), {
      backend: { ...passOn(backend), pull: () => Promise.reject(new BackendUnavailableError('the store is away')) },
    })
    for (let page = 0; page < 3; page++) expect((await site.get('ada')).shown).toBe('the store is away')
    expect(site.log).toEqual(['[or3-sync] a page was rendered without some of its rows: BackendUnavailableError: the store is away'])
  })

  it('holds a page up for 2 s in all, however many queries it has', async () => {
    const backend = memoryBackend()
    const site = await startSite(async (reader) => {
      const errors: string[] = []
      for (const limit of [1, 2, 3]) await reader!.read({ ...ALL, limit }).catch((error: Error) => errors.push(error.message))
      return errors
    }, { backend: { ...passOn(backend), pull: () => new Promise(() => {}) } })
    const startedAt = performance.now()
    expect((await site.get('ada')).shown).toEqual(Array.from({ length: 3 }, () => 'the queries of this page were not answered within 2 s'))
    const seconds = (performance.now() - startedAt) / 1_000
    expect(seconds).toBeGreaterThan(1.9)
    expect(seconds).toBeLessThan(4)
  })

  it('so does a session that does not answer', async () => {
    const site = await startSite(show, { session: () => new Promise(() => {}) })
    expect((await site.get('ada')).shown).toBeNull()
    expect(site.log).toEqual(['[or3-sync] a page was rendered without some of its rows: SyncError: the queries of this page were not answered within 2 s'])
  })
})
