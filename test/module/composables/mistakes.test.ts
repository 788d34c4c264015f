import { mountSuspended } from '@nuxt/test-utils/runtime'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { getDb, useLiveQuery, type LiveQuery } from '#or3-sync'
import { setSyncClient, useSyncClient, type SyncClient } from '#or3-sync/app/sync-client'

// Of docs/mistakes.md, those that need a component.

interface Todo { id: string, title: string, list_id: string }

const todos = () => getDb().table<Todo, string>('todos')
const soon = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000 })

let lines: string[]
beforeEach(async () => {
  lines = []
  vi.spyOn(useSyncClient()!.log, 'info').mockImplementation((line) => { if (!line.startsWith('Nobody is signed in')) lines.push(line) })
  await todos().clear()
})
afterEach(() => { vi.restoreAllMocks() })

/** The error of a query in a component. */
async function errorOf(query: () => Promise<unknown>): Promise<Error> {
  let live!: LiveQuery<unknown>
  const page = await mountSuspended(defineComponent({
    setup() {
      live = useLiveQuery(query)
      return () => h('p', live.error.value?.message)
    },
  }))
  await soon(() => expect(live.error.value).not.toBeNull())
  page.unmount()
  return live.error.value!
}

describe('a query', () => {
  it('by a field without an index: the error names it, the console says where the index goes, once', async () => {
    for (let times = 0; times < 2; times++) {
      expect((await errorOf(() => todos().where('title').equals('a').toArray())).message).toBe('KeyPath title on object store todos is not indexed')
    }
    expect(lines).toEqual(['A query needs an index that table todos does not have: add \'title\' to its indexes in the sync schema, or use filter().'])
  })

  it('of a table that the schema does not declare: the console lists those that it does', async () => {
    expect((await errorOf(() => getDb().table('todoes').toArray())).message).toBe('Table todoes does not exist')
    expect((await errorOf(() => (getDb() as unknown as Record<string, ReturnType<typeof todos>>).todoes!.toArray())).name).toBe('TypeError')
    expect(lines).toEqual([
      'A query reads a table that the sync schema does not declare. It declares: todos.',
      'A query read something of undefined. If that was a table of getDb(): the sync schema declares todos.',
    ])
  })

  it('with a mistake of its own is left to speak for itself', async () => {
    await errorOf(() => { throw new RangeError('too far') })
    expect(lines).toEqual([])
  })
})

describe('useLiveQuery outside of setup', () => {
  it('is told of, and of one in setup nothing is', async () => {
    useLiveQuery(() => todos().toArray())
    expect(lines).toEqual([expect.stringContaining('outside of a component\'s setup')])
    const page = await mountSuspended(defineComponent({
      setup() {
        const all = useLiveQuery(() => todos().count())
        return () => h('p', all.value)
      },
    }))
    await soon(() => expect(page.text()).toBe('0'))
    expect(lines).toHaveLength(1)
    page.unmount()
  })
})

describe('a row of useLiveQuery', () => {
  it('may be changed in place, which is shown once it is put', async () => {
    await todos().put({ id: '1', title: 'old', list_id: 'a' })
    let live!: LiveQuery<Todo | undefined>
    const page = await mountSuspended(defineComponent({
      setup() {
        live = useLiveQuery(() => todos().get('1'))
        return () => h('p', live.value?.title)
      },
    }))
    await soon(() => expect(page.text()).toBe('old'))
    const row = live.value!
    row.title = 'new'
    expect([page.text(), (await todos().get('1'))!.title], 'neither shown nor stored').toEqual(['old', 'old'])
    await todos().put(row)
    await soon(() => expect(page.text()).toBe('new'))
    page.unmount()
  })
})

describe('getDb() on the server', () => {
  it('may be taken and handed on; what reads from it throws, and says what to use', () => {
    const client = useSyncClient()!
    setSyncClient(null as unknown as SyncClient)
    try {
      const db = getDb()
      expect(db).toBeTruthy()
      expect(() => db.table('todos')).toThrow('getDb().table is not available on the server, which has no IndexedDB; read with useLiveQuery or in onMounted')
    }
    finally { setSyncClient(client) }
  })
})
