import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Component } from 'vue'
import type { QueryTables, SyncQuery } from '#or3-sync/shared/sync/query/query-types'
import { EngineHarness } from '../../support/engine-harness'
import { renderPage, server, StoreReader, vue, type Side } from '../../support/page-of-queries'
import type { todoSchema } from '../../support/todo-schema'

const { defineComponent, h } = vue

interface Todo { id: string, title: string, list_id?: string }
/** The composables are typed by the playground's schema. The pages here have the todo schema. */
type Querier = (q: QueryTables<typeof todoSchema['tables'], { todos: Todo, notes: object }>) => SyncQuery<unknown> | null
const list: Querier = q => q.todos.where('list_id').equals('l')
/** An index that is not there. */
const bad: Querier = q => q.todos.where('colour' as 'id').equals('red')
const asQuerier = (querier: Querier) => querier as never

let world: EngineHarness

beforeEach(async () => { world = await EngineHarness.open() })
afterEach(async () => {
  server.nuxt.isPrerendered = false
  await world.close()
})

const titlesOf = (value: unknown) => (value as Todo[] | undefined)?.map(({ title }) => title).join() ?? 'nothing'

/** A page with one list. */
function listPage(query: Querier = list) {
  return ({ useLiveQuery }: Side): Component => defineComponent({
    setup() {
      const todos = useLiveQuery(asQuerier(query))
      return () => h('p', `${titlesOf(todos.value)} ${todos.loading.value} ${String(todos.error.value)}`)
    },
  })
}

/** A device writes, and the store has it. */
async function store(...todos: Todo[]): Promise<void> {
  const device = world.device('bob')
  await device.start()
  for (const todo of todos) await device.db.todos.put({ list_id: 'l', ...todo })
  await device.whenIdle()
  await device.close()
}

describe('on the server', () => {
  it('a query is read before the component renders, and its rows travel once', async () => {
    await store({ id: '1', title: 'Wash' }, { id: '2', title: 'Cook' }, { id: '3', title: 'Elsewhere', list_id: 'm' })
    const reader = new StoreReader(world)
    const make = (side: Side) => defineComponent({ setup: () => () => [h(listPage()(side)), h(listPage()(side))] })
    const { html, payload } = await renderPage(make, reader)
    expect(html.match(/Wash,Cook false null/g)).toHaveLength(2)
    expect(reader.plans).toEqual([expect.objectContaining({ table: 'todos', index: 'list_id' })])
    expect(payload.match(/"Wash"/g)).toHaveLength(1)
    expect(payload).toContain('"ann"')
  })

  it('a component may reverse its list in place: what travels, and what others get, stays as it is', async () => {
    await store({ id: '1', title: 'Wash' }, { id: '2', title: 'Cook' })
    const make = ({ useLiveQuery }: Side) => {
      const Reversed = defineComponent({
        setup() {
          const todos = useLiveQuery(asQuerier(list))
          const reversed = vue.computed(() => (todos.value as Todo[]).reverse())
          return () => h('p', titlesOf(reversed.value))
        },
      })
      return defineComponent({ setup: () => () => [h(Reversed), h(Reversed)] })
    }
    const { html, payload } = await renderPage(make, new StoreReader(world))
    expect(html.match(/Cook,Wash/g)).toHaveLength(2)
    expect(payload.indexOf('Wash')).toBeLessThan(payload.indexOf('Cook'))
  })

  it('a query that needs the result of another one is read after it', async () => {
    await store({ id: '1', title: 'Wash', list_id: 'l' })
    const reader = new StoreReader(world)
    const make = ({ useLiveQuery }: Side) => defineComponent({
      setup() {
        const first = useLiveQuery(asQuerier(q => q.todos.get('1')))
        const rest = useLiveQuery(asQuerier(q => first.value ? q.todos.where('list_id').equals((first.value as Todo).list_id!) : null))
        return () => h('p', titlesOf(rest.value))
      },
    })
    expect((await renderPage(make, reader)).html).toContain('Wash')
    expect(reader.plans).toHaveLength(2)
  })

  it.each<[string, () => [Querier, StoreReader | null | undefined, boolean?]]>([
    ['nobody is signed in', () => [list, null]],
    ['sync is off', () => [list, undefined]],
    ['the page is prerendered', () => [list, new StoreReader(world), true]],
    ['the store does not answer', () => [list, Object.assign(new StoreReader(world), { failure: new Error('too late') })]],
    ['the querier throws', () => [((_q: unknown) => { throw new RangeError('no list') }) as Querier, new StoreReader(world)]],
    ['the querier returns no query', () => [((_q: unknown) => Promise.resolve([])) as never, new StoreReader(world)]],
    ['the condition is missing', () => [((q: { todos: { where: (index: string) => unknown } }) => q.todos.where('id')) as never, new StoreReader(world)]],
    ['it asks for nothing', () => [((_q: unknown) => null) as never, new StoreReader(world)]],
  ])('the page is rendered without rows when %s', async (_, make) => {
    await store({ id: '1', title: 'Wash' })
    const [query, reader, isPrerendered = false] = make()
    server.nuxt.isPrerendered = isPrerendered
    const { html, payload } = await renderPage(listPage(query), reader)
    expect(html).toContain('nothing true null')
    expect(payload).not.toContain('answers')
  })

  it('what a querier throws is logged once, whatever number of pages has it', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
    for (let page = 0; page < 3; page++) await renderPage(listPage(bad), new StoreReader(world))
    expect(warn).toHaveBeenCalledOnce()
    expect(warn.mock.calls[0]!.map(String).join(' ')).toMatch(/table "todos" has no index "colour"/)
    warn.mockRestore()
  })
})
