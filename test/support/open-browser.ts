import { IDBFactory } from 'fake-indexeddb'
import type { SyncEnvironment } from 'or3-sync/client'
import type { EngineHarness } from './engine-harness'
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
            request: (name, options, callback) => navigator.locks.request(`${origin} ${name}`, options as LockOptions, callback),
          },
          channel: (name) => {
            const channel = new BroadcastChannel(`${origin} ${name}`)
            const transport = { postMessage: (message: unknown) => { if (!tab.frozen) channel.postMessage(message) }, onmessage: null as ((event: { data: unknown }) => void) | null, close: () => channel.close() }
            channel.onmessage = (event) => { if (!tab.frozen) transport.onmessage?.(event as MessageEvent) }
            return transport
          },
          clock: { now: () => Date.now(), setTimeout: (run, ms) => setTimeout(run, ms / 50), clearTimeout: handle => clearTimeout(handle as NodeJS.Timeout) },
          onWake: (callback) => { tab.wake = callback; return () => {} },
          ...overrides,
        },
      })
      return Object.assign(engine, { tab })
    },
  }
}
