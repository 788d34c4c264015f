import { describe, expect, it } from 'vitest'
import { expectConverged } from '../support/expect-converged'
import type { MemberPage } from '../support/member-page'
import { openSharedWorkspace } from '../support/open-shared-workspace'
import { usePlayground } from '../support/use-playground'

/** What a browser itself stores and refuses: no stand-in for IndexedDB has its limits. */
describe('F1: values in a real browser', () => {
  const at = usePlayground()

  it('proxies at any depth are stored plain, and come to others', async () => {
    const { workspaceId, pages } = await openSharedWorkspace(at.browser, at.server.origin, ['Alice', 'Bob'])
    const [alice, bob] = pages
    await alice.run(async (db) => {
      // As Vue's `reactive` shows an object.
      const watched = <T>(value: T): T => value && typeof value === 'object'
        ? new Proxy(value, { get: (target, key, receiver) => watched(Reflect.get(target, key, receiver) as unknown) }) as T
        : value
      const tags = () => watched([{ name: 'a', list: [1, { deep: true }] }])
      await db.table('posts').put({ id: 'put', title: 'x', tags: tags() })
      await db.table('posts').bulkAdd([{ id: 'bulk', title: 'x', tags: tags() }, watched({ id: 'whole', title: 'x', tags: tags() })])
      await db.table('posts').update('put', { 'meta.tags': tags() })
      await db.table('posts').where('id').equals('bulk').modify((row: { more?: unknown }) => { row.more = tags() })
    }, null)
    await expect.poll(async () => (await bob.rows('posts')).length, { timeout: 30_000 }).toBe(3)
    await expectConverged([alice, bob], workspaceId, ['posts'])
    await expect.poll(() => alice.pendingCount(), { timeout: 30_000 }).toBe(0)
    expect([...alice.errors, ...bob.errors]).toEqual([])
  })

  it('what the browser cannot store is refused before anything is written', async () => {
    const { pages: [alice] } = await openSharedWorkspace(at.browser, at.server.origin, ['Alice'])
    await alice.context.setOffline(true)
    const refusals = await alice.run(async (db) => {
      const values: Record<string, unknown> = {
        shared: new Uint8Array(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer),
        map: new Map(), file: new File([], 'x'), run() {}, large: 'x'.repeat(130 * 1024 * 1024), node: document.body, crypto: crypto.subtle,
      }
      const messages: Record<string, string> = {}
      for (const [name, value] of Object.entries(values)) {
        const rows = [{ id: 'good', title: 'x' }, { id: name, title: 'x', list: [value] }]
        await db.table('posts').bulkPut(rows).catch((error: Error) => { messages[name] = error.message })
        await db.transaction('rw', 'posts', async () => {
          await db.table('posts').bulkAdd(rows).catch(() => {})
          await db.table('posts').put(rows[1]!).catch(() => {})
        })
      }
      return messages
    }, null)
    expect(Object.keys(refusals)).toEqual(['shared', 'map', 'file', 'run', 'large', 'node', 'crypto'])
    for (const message of Object.values(refusals)) expect(message).toMatch(/^posts\.list\[0\] /)
    expect(await rowsAndEntries(alice)).toEqual({ rows: [], queued: [] })
  })

  it('what the browser refuses half-way takes everything of its transaction with it', async () => {
    const { pages: [alice] } = await openSharedWorkspace(at.browser, at.server.origin, ['Alice'])
    await alice.context.setOffline(true)
    await alice.run(async (db) => {
      await db.table('posts').put({ id: 'before', title: 'x' })
      // As a browser with a lower limit than we know of.
      const { put, add } = IDBObjectStore.prototype
      for (const [name, write] of [['put', put], ['add', add]] as const) {
        IDBObjectStore.prototype[name] = function (value: { id?: string }, key?: IDBValidKey) {
          if (value.id === 'large') throw new DOMException('the value is too large', 'DataError')
          return key === undefined ? write.call(this, value) : write.call(this, value, key)
        }
      }
      const rows = [{ id: 'good', title: 'x' }, { id: 'large', title: 'x' }]
      await db.table('posts').bulkPut(rows).catch(() => {})
      await db.table('posts').bulkAdd(rows).catch(() => {})
      await db.transaction('rw', 'posts', async () => { await db.table('posts').bulkPut(rows).catch(() => {}) }).catch(() => {})
      Object.assign(IDBObjectStore.prototype, { put, add })
    }, null)
    expect(await rowsAndEntries(alice)).toEqual({ rows: ['before'], queued: ['before'] })
  })
})

/** Keys of the notes, and of what the outbox holds of them. */
async function rowsAndEntries(page: MemberPage): Promise<{ rows: string[], queued: string[] }> {
  const records = await page.run(db => db.table('pending_ops').toArray(), null) as { ops: { pk: string }[] }[]
  return { rows: (await page.rows('posts')).map(({ id }) => String(id)), queued: [...new Set(records.flatMap(({ ops }) => ops.map(({ pk }) => pk)))].sort() }
}
