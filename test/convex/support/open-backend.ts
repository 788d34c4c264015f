import { vi } from 'vitest'
import { convexBackend } from 'or3-sync/server'
import type { SyncBackend } from 'or3-sync/server'
import { passOn } from '../../../src/testing/pass-on'
import { inProcessClient } from './in-process-client'
import { openDeployment } from './open-deployment'
import type { TestDeployment } from './open-deployment'

/**
 * The Convex backend over functions in this process. A deployment reads its own clock, so the clock is set to the time a test
 * gives with its request; who reads is Ada unless said.
 */
export async function openConvexBackend(): Promise<SyncBackend & { deployment: TestDeployment }> {
  vi.useFakeTimers({ toFake: ['Date'] })
  const deployment = await openDeployment()
  const backend = convexBackend({
    url: 'http://127.0.0.1:1',
    mintToken: () => Promise.reject(new Error('a test in one process needs no token')),
    client: inProcessClient(deployment),
  })
  return {
    ...passOn(backend),
    deployment,
    push: (request) => {
      vi.setSystemTime(request.now)
      return backend.push(request)
    },
    write: (request) => {
      vi.setSystemTime(request.now)
      return backend.write(request)
    },
    pull: request => backend.pull({ userId: 'ada', ...request }),
    updateCursor: (request) => {
      vi.setSystemTime(request.now)
      return backend.updateCursor(request)
    },
    close: async () => {
      await backend.close()
      vi.useRealTimers()
    },
  }
}
