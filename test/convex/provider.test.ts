import { ConvexClient } from 'convex/browser'
import { afterAll, beforeAll } from 'vitest'
import { ConvexSyncProvider } from 'or3-sync/client'
import { describeSyncProvider } from 'or3-sync/testing'
import { openTestDeployment, type TestDeployment } from './test-deployment'

let deployment: TestDeployment

beforeAll(async () => { deployment = await openTestDeployment() })
afterAll(() => deployment.close())

describeSyncProvider('direct Convex', () => {
  const userId = crypto.randomUUID()
  return {
    workspaceId: userId,
    connect: () => new ConvexSyncProvider({
      functions: 'contract',
      client: () => new ConvexClient(deployment.url, { logger: false, initialAuthTokenReuse: true }),
      fetchToken: () => deployment.sign(userId),
    }),
  }
})
