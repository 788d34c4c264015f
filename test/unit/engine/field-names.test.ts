import { afterEach, describe, expect, it } from 'vitest'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { asSchema, deviceOf, started } from '../../support/schema-versions'

const opaque = { '~standard': { version: 1, vendor: 'mine', validate: (value: unknown) => ({ value }) } }
const schemaWith = (fields: Record<string, string>, schema: unknown = opaque) => defineSyncSchema({ version: 1, tables: { posts: { schema, primaryKey: 'id', fields } } } as never)
const posts = schemaWith({ postType: 'post_type' }, z.looseObject({ id: z.string(), postType: z.string().optional() }))

let world: EngineHarness
let ann: TodoEngine
let bob: TodoEngine
async function open(schema: unknown): Promise<void> {
  world = await EngineHarness.open({ schema: asSchema(schema) })
  ann = await started(deviceOf(world, 'ann', schema))
  bob = await started(deviceOf(world, 'bob', schema))
}
afterEach(() => world.close())

describe('A6: one field has one value, under whichever of its names it was written', () => {
  it.each<[string, unknown, object, object]>([
    ['by its name here', posts, { postType: 'note' }, { postType: 'note' }],
    ['by its name on the wire', posts, { post_type: 'note' }, { postType: 'note' }],
    ['by its name on the wire, and undefined by the other', posts, { postType: undefined, post_type: 'note' }, { postType: 'note' }],
    ['by both, with one value', posts, { postType: 'note', post_type: 'note' }, { postType: 'note' }],
    ['where both names are one', schemaWith({ title: 'title' }), { title: 'x' }, { title: 'x' }],
    ['where two fields exchange names', schemaWith({ a: 'b', b: 'a' }), { a: 1, b: 2 }, { a: 1, b: 2 }],
    ['where names follow upon each other', schemaWith({ a: 'b', b: 'c' }), { a: 1, b: 2 }, { a: 1, b: 2 }],
  ])('%s', async (_, schema, written, held) => {
    await open(schema)
    await ann.db.table('posts').put({ id: '1', ...written })
    await ann.whenIdle()
    const row = await ann.db.table('posts').get('1') as object
    expect(row).toEqual({ ...held, id: '1', clock: 1, hlc: expect.any(String) as string, op_id: expect.any(String) as string })
    expect(await until(() => bob.db.table('posts').get('1'))).toEqual(row)
  })

  it('a row with both is refused, whichever stands first, and nothing is written', async () => {
    await open(posts)
    for (const row of [{ postType: 'a', post_type: 'b' }, { post_type: 'b', postType: 'a' }]) {
      await expect(ann.db.table('posts').put({ id: '1', ...row })).rejects.toMatchObject({
        code: 'VALIDATION_ERROR', message: 'posts.post_type is what the field "postType" is called on the wire, and the row has another "postType"; write "postType" only',
      })
    }
    expect(await ann.db.table('posts').count()).toBe(0)
  })

  it('what comes in under both is the field\'s by its name on the wire', async () => {
    await open(posts)
    const plain = deviceOf(world, 'cid', defineSyncSchema({ version: 1, tables: { posts: { schema: opaque, primaryKey: 'id' } } } as never))
    await (await started(plain)).db.table('posts').bulkPut([{ id: '1', postType: 'unknown', post_type: 'known' }, { id: '2', post_type: 'known', postType: 'unknown' }])
    await plain.whenIdle()
    const rows = await until(async () => { const found = await bob.db.table('posts').toArray(); return found.length === 2 && found })
    expect((rows as { postType: string }[]).map(({ postType }) => postType)).toEqual(['known', 'known'])
  })
})
