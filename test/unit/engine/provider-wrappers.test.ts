import { describe, expect, it } from 'vitest'
import { defineSyncSchema } from 'or3-sync/schema'
import type { SyncProvider } from 'or3-sync/client'
import { z } from 'zod'
import { CircuitBreaker, guardProvider } from '#or3-sync/core/sync/transport/circuit-breaker'
import { nameTables } from '#or3-sync/core/sync/context/name-tables'
import { nameUser } from '#or3-sync/core/sync/context/name-user'
import { clockAt } from '../../support/test-clock'

const schema = defineSyncSchema({ version: 1, tables: { local: { schema: z.object({ id: z.string() }), primaryKey: 'id', wireName: 'wire' } } })
const breaker = () => new CircuitBreaker(Date.now)
const WRAPPERS: Record<string, (inner: SyncProvider) => SyncProvider> = {
  'names of tables': inner => nameTables(inner, schema),
  'name of the user': inner => nameUser(inner, { userId: () => 'ann', comebacks: () => 0 }),
  'breakers': inner => guardProvider(inner, { push: breaker(), pull: breaker() }, clockAt(Date.now)),
}

describe('C1, F48: a provider behind the engine\'s own layers', () => {
  it.each(Object.keys(WRAPPERS))('is handed the stop signal and every other argument: %s', async (name) => {
    const seen: Record<string, unknown[]> = {}
    const noted = (method: string, answer: unknown) => async (...args: unknown[]) => {
      seen[method] = args
      return answer as never
    }
    const provider = WRAPPERS[name]!({
      id: 'inner', mode: 'direct', maxOps: 7,
      push: noted('push', { results: [], serverVersion: 0 }), pull: noted('pull', { changes: [], nextCursor: 0, hasMore: false }),
      subscribe: noted('subscribe', () => {}), updateCursor: noted('updateCursor', undefined), schemaVersion: noted('schemaVersion', 3),
    })
    const { signal } = new AbortController()
    const scope = { workspaceId: 'w1' }
    await provider.push({ scope, ops: [], mark: '1.a' }, { signal })
    await provider.pull({ scope, cursor: 4, limit: 5, order: 'desc', mark: '1.a' })
    await provider.subscribe(scope, ['local'], () => {}, { signal, cursor: () => 6, node: 'abcdefgh', onStatus: () => {} })
    await provider.updateCursor!(scope, 'device', 8)
    expect([provider.id, provider.mode, provider.maxOps, await provider.schemaVersion!()]).toEqual(['inner', 'direct', 7, 3])
    expect(seen).toMatchObject({
      push: [{ scope, ops: [], mark: '1.a' }, { signal }],
      pull: [{ scope, cursor: 4, limit: 5, order: 'desc', mark: '1.a' }],
      subscribe: [scope, [expect.any(String)], expect.any(Function), { signal, node: 'abcdefgh', cursor: expect.any(Function), onStatus: expect.any(Function) }],
      updateCursor: [scope, 'device', 8],
    })
    expect((seen.push![1] as { signal: unknown }).signal).toBe(signal)
  })
})
