import { ConvexClient, ConvexHttpClient } from 'convex/browser'
import { makeFunctionReference } from 'convex/server'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Loopback, startLoopback } from './loopback/start-loopback'
import { makeTokenKeys, type TokenKeys } from './token-keys'

const add = makeFunctionReference<'mutation'>('probe:add')
const addLater = makeFunctionReference<'mutation'>('probe:addLater')
const fail = makeFunctionReference<'mutation'>('probe:fail')
const count = makeFunctionReference<'query', { key: string }, number>('probe:count')
const whoAmI = makeFunctionReference<'query', Record<string, never>, string | null>('probe:whoAmI')

describe('the loopback', () => {
  let loopback: Loopback
  let keys: TokenKeys
  const clients: ConvexClient[] = []

  beforeAll(async () => {
    keys = await makeTokenKeys()
    loopback = await startLoopback({ providers: [keys.provider] })
  })
  afterAll(async () => {
    await Promise.all(clients.map(client => client.close()))
    await loopback.stop()
  })

  const http = () => new ConvexHttpClient(loopback.url, { logger: false })
  const socket = (): ConvexClient => {
    const client = new ConvexClient(loopback.url, { logger: false, initialAuthTokenReuse: true })
    clients.push(client)
    return client
  }
  const key = () => crypto.randomUUID()
  const nested = (depth: number): unknown => depth === 0 ? 1 : { inner: nested(depth - 1) }

  it('serves mutations and queries over HTTP', async () => {
    const probe = key()
    await http().mutation(add, { key: probe, value: 1 })
    expect(await http().query(count, { key: probe })).toBe(1)
  })

  it('brings subscribers the new result of a query, and of no other', async () => {
    const [mine, other] = [key(), key()]
    const seen: number[] = []
    socket().onUpdate(count, { key: mine }, value => seen.push(value))
    await vi.waitFor(() => expect(seen).toEqual([0]))
    await loopback.resetCounts()
    await http().mutation(add, { key: other, value: 1 })
    await http().mutation(add, { key: mine, value: 1 })
    await vi.waitFor(() => expect(seen).toEqual([0, 1]))
    expect((await loopback.counts()).functions['probe:count']!.calls).toBe(1)
  })

  it('resolves a mutation on a socket only when its own subscriptions show it', async () => {
    const probe = key()
    const client = socket()
    const seen: number[] = []
    client.onUpdate(count, { key: probe }, value => seen.push(value))
    await client.mutation(add, { key: probe, value: 1 })
    expect(seen.at(-1)).toBe(1)
  })

  it('tells subscribers what a scheduled function wrote', async () => {
    const probe = key()
    const seen: number[] = []
    socket().onUpdate(count, { key: probe }, value => seen.push(value))
    await http().mutation(addLater, { key: probe })
    await vi.waitFor(() => expect(seen.at(-1)).toBe(1))
  })

  it('takes a mutation once, though its socket breaks before the reply', async () => {
    const probe = key()
    const client = socket()
    await loopback.loseReply(1)
    await client.mutation(add, { key: probe, value: 1 })
    expect(await client.query(count, { key: probe })).toBe(1)
  })

  it('closes the socket of a mutation in conflict, and the client sends it again', async () => {
    const probe = key()
    const client = socket()
    await loopback.conflict(1)
    await client.mutation(add, { key: probe, value: 1 })
    expect(await client.query(count, { key: probe })).toBe(1)
  })

  it('answers 503 over HTTP to a mutation in conflict, and has written nothing', async () => {
    const probe = key()
    await loopback.conflict(1)
    await expect(http().mutation(add, { key: probe, value: 1 })).rejects.toThrow('OptimisticConcurrencyControlFailure')
    expect(await http().query(count, { key: probe })).toBe(0)
  })

  it('hands out the data of a ConvexError, and of other errors nothing', async () => {
    await expect(http().mutation(fail, { code: 'UNAUTHORIZED' })).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } })
    await expect(socket().mutation(fail, { code: 'UNAUTHORIZED' })).rejects.toMatchObject({ data: { code: 'UNAUTHORIZED' } })
    await expect(http().mutation(fail, {})).rejects.toThrow(/^Server Error$/)
  })

  it('does not serve internal functions', async () => {
    await expect(http().mutation(makeFunctionReference<'mutation'>('probe:addHidden'), { key: 'a' })).rejects.toThrow('Server Error')
  })

  it.each<[string, unknown]>([
    ['of more than 1 MiB', 'x'.repeat(1024 * 1024)],
    ['nested 17 deep', nested(16)],
    ['with an array of 8,193', Array.from({ length: 8_193 }, () => 0)],
    ['with an object of 1,025 fields', Object.fromEntries(Array.from({ length: 1_025 }, (_, index) => [`f${index}`, 0]))],
  ])('refuses a document %s', async (_what, value) => {
    await expect(loopback.run('probe:add', { key: 'refused', value: value as null })).rejects.toThrow(/too large|nested too deeply|too long|too many fields/)
    expect(await http().query(count, { key: 'refused' })).toBe(0)
  })

  it('takes a document at the limits', async () => {
    const probe = key()
    await loopback.run('probe:add', { key: probe, value: nested(14) as null })
    await loopback.run('probe:add', { key: probe, value: Array.from({ length: 8_192 }, () => 0) })
    expect(await http().query(count, { key: probe })).toBe(2)
  })

  it.each(['bezirk-ä', 'tab\t', '$date', ''])('refuses the field name %j', async (name) => {
    await expect(loopback.run('probe:add', { key: 'refused', value: { [name]: 1 } })).rejects.toThrow(/Field name/)
  })

  it('knows who is asking by their token, over HTTP and on sockets', async () => {
    const client = http()
    client.setAuth(await keys.sign('ann'))
    expect(await client.query(whoAmI, {})).toBe('ann')
    const live = socket()
    live.setAuth(() => keys.sign('bob'))
    expect(await live.query(whoAmI, {})).toBe('bob')
    expect(await http().query(whoAmI, {})).toBeNull()
  })

  it('refuses tokens of other keys, and expired ones', async () => {
    const stranger = await makeTokenKeys()
    for (const token of [await stranger.sign('ann'), await keys.signExpired('ann')]) {
      const client = http()
      client.setAuth(token)
      await expect(client.query(whoAmI, {})).rejects.toThrow('InvalidAuthHeader')
    }
  })

  it('lets a client whose token has expired fetch another and go on', async () => {
    const client = socket()
    let fetched = 0
    client.setAuth(async () => {
      fetched++
      return await keys.sign('ann')
    })
    expect(await client.query(whoAmI, {})).toBe('ann')
    await loopback.expireTokens()
    const probe = key()
    await client.mutation(add, { key: probe, value: 1 })
    expect(await http().query(count, { key: probe })).toBe(1)
    expect(fetched).toBe(2)
  })

  it('lets clients whose sockets drop come back and see what they missed', async () => {
    const probe = key()
    const seen: number[] = []
    socket().onUpdate(count, { key: probe }, value => seen.push(value))
    await vi.waitFor(() => expect(seen).toEqual([0]))
    await loopback.refuseSockets(true)
    await loopback.dropSockets()
    await http().mutation(add, { key: probe, value: 1 })
    expect(seen).toEqual([0])
    await loopback.refuseSockets(false)
    await vi.waitFor(() => expect(seen).toEqual([0, 1]), { timeout: 20_000 })
  })
})
