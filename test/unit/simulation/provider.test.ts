import { GatewaySyncProvider } from 'or3-sync/client'
import type { SyncSchema } from 'or3-sync/schema'
import { createSyncGateway, memoryBackend } from 'or3-sync/server'
import { contractSchema, describeSyncProvider, simulate } from '../../../src/testing/index'
import { describe, expect, it } from 'vitest'
import { gatewayFetch } from '../../../src/testing/simulation/gateway-fetch'
import { simSchema } from '../../../src/testing/simulation/sim-schema'

function openGateway(schema: SyncSchema) {
  return createSyncGateway({ schema, backend: memoryBackend(), session: () => ({ userId: 'ann', workspaces: [{ id: 'w1', role: 'editor' }] }) })
}

describeSyncProvider('gateway', () => {
  const gateway = openGateway(contractSchema as unknown as SyncSchema)
  return {
    workspaceId: 'w1',
    connect: () => new GatewaySyncProvider({ baseURL: 'http://here', fetch: gatewayFetch(gateway, 'ann') }),
    close: () => gateway.close(),
  }
})

describe('a simulation of somebody else\'s provider', () => {
  it('needs nothing but the provider', async () => {
    let gateway: ReturnType<typeof createSyncGateway> | undefined
    const { applied, edits } = await simulate({
      seed: 5,
      // Where nobody knows the store's own order, some histories cannot be judged: this one is known to be one that can.
      faults: { skew: 0, absence: 0, restore: 0, unstorable: 0 },
      provider: ({ userId, now }) => {
        gateway ??= createSyncGateway({
          schema: simSchema as unknown as SyncSchema, backend: memoryBackend(), now,
          session: ({ node }) => ({ userId: String(node.req.headers['x-user']), workspaces: [{ id: 'w1', role: 'editor' }] }),
        })
        return new GatewaySyncProvider({ baseURL: 'http://here', fetch: gatewayFetch(gateway, userId) })
      },
    })
    expect(edits).toBeGreaterThan(10)
    expect(applied, 'there is no oracle beside the provider').toBe(0)
  }, 60_000)
})
