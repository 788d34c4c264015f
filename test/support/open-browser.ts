import { IDBFactory } from 'fake-indexeddb'
import type { SyncEnvironment } from 'or3-sync/client'
import { until, type EngineHarness } from './engine-harness'
import { shortWaits } from './test-clock'
import type { todoSchema } from './todo-schema'

/** One browser profile: its tabs share IndexedDB, Web Locks and BroadcastChannel, and a clock that runs 50 times as fast. */
export function openBrowser(world: EngineHarness, { schema }: { schema?: typeof todoSchema } = {}) {
  const indexedDB = new IDBFactory()
  const origin = crypto.randomUUID()
  return {
    openTab(overrides: Partial<SyncEnvironment> = {}) {
      const tab = { frozen: false, wake: () => {} }
      const engine = world.device('ann', {
        indexedDB,
        schema,
        environment: {
          locks: {
            // Another origin's tabs have other locks; Node has one set for the whole process.
            request: async (name, options, callback) => {
              // A frozen tab learns of nothing, nor that its lock is gone.
              const thawed = async () => { await until(() => !tab.frozen) }
              const granted = async () => {
                await thawed()
                return await callback()
              }
              try { return await navigator.locks.request(`${origin} ${name}`, options as LockOptions, granted) }
              finally { await thawed() }
            },
          },
          channel: (name) => {
            const channel = new BroadcastChannel(`${origin} ${name}`)
            const transport = { postMessage: (message: unknown) => { if (!tab.frozen) channel.postMessage(message) }, onmessage: null as ((event: { data: unknown }) => void) | null, close: () => channel.close() }
            channel.onmessage = (event) => { if (!tab.frozen) transport.onmessage?.(event as MessageEvent) }
            return transport
          },
          clock: shortWaits(50),
          onWake: (callback) => { tab.wake = callback; return () => {} },
          ...overrides,
        },
      })
      return Object.assign(engine, { tab })
    },
  }
}
