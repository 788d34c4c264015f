import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import { EngineHarness } from '../../support/engine-harness'
import stepped from '../../support/schema-examples/step'
import upgraded from '../../support/schema-examples/upgrade-row'
import renamed from '../../support/schema-examples/wire-name'
import { asSchema, deviceOf, reloadedWith, started } from '../../support/schema-versions'

const ROOT = new URL('../../../', import.meta.url).pathname
const docs = readFileSync(`${ROOT}docs/schema.md`, 'utf8')
const before = defineSyncSchema({ version: 1, tables: { todos: { schema: z.looseObject({ id: z.string(), title: z.string() }), primaryKey: 'id' } } })

let world: EngineHarness
afterEach(() => world?.close())

/** A device that has written with the schema of before, and now has the one of the example. */
async function after(schema: unknown, ...rows: object[]) {
  world = await EngineHarness.open({ schema: asSchema(schema) })
  const old = deviceOf(world, 'ann', before)
  await old.db.table('todos').bulkPut(rows)
  return await started(await reloadedWith(world, old, 'ann', schema))
}

describe('docs/schema.md', () => {
  it.each(['upgrade-row', 'step', 'wire-name'])('shows the example %s as it is tested', (name) => {
    expect(docs).toContain(`\`\`\`ts\n// shared/sync.schema.ts\n${readFileSync(`${ROOT}test/support/schema-examples/${name}.ts`, 'utf8')}\`\`\``)
  })

  it('F5: upgradeRow fills what is new and turns what has another form', async () => {
    const device = await after(upgraded, { id: '1', title: 'x', due: 5 })
    expect(await device.db.table('todos').toArray()).toMatchObject([{ id: '1', title: 'x', done: false, dueAt: new Date(5) }])
  })

  it('F4: a step adds rows that every device has in the end', async () => {
    const device = await after(stepped, { id: '1', title: 'x', tag: 'home' }, { id: '2', title: 'x', tag: 'home' })
    const other = await started(deviceOf(world, 'bob', stepped))
    expect(await device.db.table('tags').toArray()).toMatchObject([{ id: 'home', name: 'home' }])
    expect(await other.db.table('tags').toArray()).toEqual(await device.db.table('tags').toArray())
  })

  it('F4: wireName renames a table', async () => {
    const device = await after(renamed, { id: '1', title: 'x' })
    expect(await device.db.table('tasks').toArray()).toMatchObject([{ id: '1', title: 'x' }])
  })
})
