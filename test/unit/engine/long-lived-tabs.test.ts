import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createSyncEngine, GatewaySyncProvider, SyncError, type PushBatch, type SyncProvider } from 'or3-sync/client'
import { todoSchema } from '../../support/todo-schema'
import { jsonReply } from '../../support/pushed-ops'

const MB = 1024 * 1024
const NOTE = 50_000

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** Bytes that are in use once everything that may go has gone. */
async function heldBytes(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    await new Promise(resolve => setImmediate(resolve))
    collectGarbage()
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** A store that takes every edit and remembers none of them. */
function forgetfulStore(push: (batch: PushBatch) => void = () => {}): SyncProvider {
  return {
    id: 'forgetful', mode: 'direct',
    push: async (batch) => {
      push(batch)
      return { results: batch.ops.map(({ stamp }) => ({ opId: stamp.opId, success: true, applied: true, serverVersion: 1 })), serverVersion: 1 }
    },
    pull: async ({ cursor }) => ({ changes: [], nextCursor: cursor, hasMore: false, latestVersion: cursor, requiresRescan: false }),
    subscribe: async () => () => {},
  } as SyncProvider
}

function openTab(provider: SyncProvider) {
  const engine = createSyncEngine({
    schema: todoSchema, session: { userId: 'ann', workspaceId: 'w1' }, provider, indexedDB: new IDBFactory(), IDBKeyRange,
    environment: { channel: () => null },
  })
  open.push(engine)
  return engine
}

const open: { close: () => Promise<void> }[] = []
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.close()
})

/** Counts listeners of abort signals from here on, until `stop`. No spies: they keep what they were called with. */
function countListeners(): { count: () => number, stop: () => void } {
  const { prototype } = AbortSignal
  const { addEventListener, removeEventListener } = prototype
  let count = 0
  prototype.addEventListener = function (this: AbortSignal, ...args: unknown[]) {
    count++
    return Reflect.apply(addEventListener, this, args) as undefined
  }
  prototype.removeEventListener = function (this: AbortSignal, ...args: unknown[]) {
    count--
    return Reflect.apply(removeEventListener, this, args) as undefined
  }
  return {
    count: () => count,
    stop: () => Object.assign(prototype, { addEventListener, removeEventListener }),
  }
}

type Tab = ReturnType<typeof openTab>

/** A text that shares no memory with any other. */
function note(edit: number): string {
  return Buffer.alloc(NOTE, `${edit} `).toString('latin1')
}

/** Edits of three notes, by keystrokes: many for each push. */
async function edit({ db }: Tab, edits: number): Promise<void> {
  for (let done = 0; done < edits; done += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, index) => db.todos.put({ id: `note-${index % 3}`, title: note(done + index) })))
  }
}

describe('F49: a long-lived tab holds no more after 10,000 edits and polls than after the first hundred', () => {
  it('edits of a few notes of 50 kB', async () => {
    const tab = openTab(forgetfulStore())
    await tab.start()
    await edit(tab, 100)
    await tab.whenIdle()
    const before = await heldBytes()
    await edit(tab, 10_000)
    await tab.whenIdle()
    expect(await heldBytes() - before).toBeLessThan(3 * MB)
  }, 120_000)

  it('edits that the store does not take for the moment', async () => {
    const away = () => { throw new SyncError('NETWORK_ERROR', 'away') }
    const tab = openTab(forgetfulStore(away))
    await tab.start()
    await edit(tab, 100)
    const before = await heldBytes()
    await edit(tab, 2_000)
    // What waits is stored, here in the heap as well: keys and revisions, never notes.
    expect(await heldBytes() - before).toBeLessThan(6 * MB)
  }, 120_000)

  it('polls, where no event stream comes through', async () => {
    let polls = 0
    const fetch = async (input: unknown) => {
      if (String(input).includes('/subscribe')) return new Response('not here', { status: 200 })
      polls++
      return jsonReply({ changes: [], nextCursor: 1, hasMore: false, latestVersion: 1, requiresRescan: false, serverTime: Date.now() })
    }
    const stopping = new AbortController()
    const listeners = countListeners()
    const provider = new GatewaySyncProvider({ baseURL: 'http://127.0.0.1:1', fetch: fetch as typeof globalThis.fetch, pollIntervalMs: 0 })
    await provider.subscribe({ workspaceId: 'w1' }, ['todos'], () => {}, { cursor: () => 1, signal: stopping.signal, onStatus: () => {} })
    await vi.waitUntil(() => polls >= 100, { timeout: 60_000 })
    const kept = listeners.count()
    const before = await heldBytes()
    await vi.waitUntil(() => polls >= 10_100, { timeout: 110_000 })
    listeners.stop()
    expect(listeners.count() - kept).toBeLessThanOrEqual(3)
    expect(await heldBytes() - before).toBeLessThan(3 * MB)
    stopping.abort()
    provider.dispose()
  }, 180_000)
})
