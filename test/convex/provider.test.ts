import { ConvexClient } from 'convex/browser'
import { afterAll, beforeAll } from 'vitest'
import { ConvexSyncProvider } from 'or3-sync/client'
import { describeSyncProvider } from 'or3-sync/testing'
import { type Loopback, startLoopback } from './loopback/start-loopback'
import { makeTokenKeys, type TokenKeys } from './token-keys'

let loopback: Loopback
let keys: TokenKeys

beforeAll(async () => {
  keys = await makeTokenKeys()
  loopback = await startLoopback({ providers: [keys.provider] })
})
afterAll(() => loopback.stop())

describeSyncProvider('direct Convex', () => {
  const userId = crypto.randomUUID()
  return {
    workspaceId: userId,
    connect: () => new ConvexSyncProvider({
      functions: 'contract',
      client: () => new ConvexClient(loopback.url, { logger: false, initialAuthTokenReuse: true }),
      fetchToken: () => keys.sign(userId),
    }),
  }
})
