import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineSyncSchema } from 'or3-sync/schema'
import { ROW_BYTES_LIMIT } from '#or3-sync/shared/sync/protocol/limits'
import { upgradeRow } from '#or3-sync/shared/sync/rows/upgrade-row'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'
import { asSchema, deviceOf, started } from '../../support/schema-versions'

type Row = Record<string, unknown>
const opaque = { '~standard': { version: 1, vendor: 'mine', validate: (value: unknown) => ({ value }) } }
const schemaOf = (table: object = {}) => defineSyncSchema({ version: 1, tables: { notes: { schema: opaque, primaryKey: 'id', ...table } } } as never)
/** Writes to whatever it is given, and says yes. */
const writes = (answer: boolean) => (row: Row) => {
  row.title = 'changed'
  const body = row.body as { list: unknown[], when: Date, deep: Row, bytes: Uint8Array }
  body.list.push('changed')
  body.when.setTime(0)
  body.bytes[0] = 9
  delete body.deep.kept
  return answer
}
const body = () => ({ list: [1], when: new Date(5), deep: { kept: true }, bytes: new Uint8Array([1]) })

let world: EngineHarness
let ann: TodoEngine
let bob: TodoEngine
async function open(schema: unknown): Promise<void> {
  world = await EngineHarness.open({ schema: asSchema(schema) })
  ann = await started(deviceOf(world, 'ann', schema))
  bob = await started(deviceOf(world, 'bob', schema))
}
beforeEach(() => open(schemaOf()))
afterEach(() => world.close())
const note = async (device: TodoEngine) => await device.db.table<Row, string>('notes').get('1')

describe('C7: the device that wrote a row has what the others get', () => {
  it.each<[string, Row, Row]>([
    ['undefined in an array', { body: [undefined, 2] }, { body: [null, 2] }],
    // eslint-disable-next-line no-sparse-arrays -- what it is about
    ['a hole in an array', { body: { deep: [1, , 3] } }, { body: { deep: [1, null, 3] } }],
    ['-0', { body: -0, deep: [-0, { n: -0 }] }, { body: 0, deep: [0, { n: 0 }] }],
    ['an ArrayBuffer', { body: new Uint8Array([1, 2]).buffer }, { body: new Uint8Array([1, 2]) }],
    ['names that no store takes', { body: 1, _id: 'x', workspace_id: 'y', constructor: 'z', prototype: 1 }, { body: 1 }],
    ['the same names further down', { body: { _id: 'x', constructor: 1 } }, { body: { _id: 'x', constructor: 1 } }],
  ])('%s', async (_, written, held) => {
    for (const write of ['put', 'add', 'update'] as const) {
      const [before] = await ann.db.table('notes').bulkGet(['1'])
      if (write === 'update') await ann.db.table('notes').update('1', { ...written, write })
      else if (!before || write === 'put') await ann.db.table('notes')[write]({ id: '1', ...written, write })
      else continue
      await ann.whenIdle()
      const row = await note(ann)
      expect(row).toStrictEqual({ ...held, id: '1', write, clock: row!.clock, hlc: row!.hlc, op_id: row!.op_id })
      expect(await until(() => note(bob), found => found?.write === write)).toStrictEqual(row)
    }
  })

  it.each<[string, object]>([
    ['capture', { capture: writes(true) }],
    ['exclude', { exclude: writes(false) }],
    ['both', { capture: writes(true), exclude: writes(false) }],
  ])('whatever %s writes to the row that it is asked about', async (_, table) => {
    await world.close()
    await open(schemaOf(table))
    await ann.db.table('notes').put({ id: '1', title: 'written', body: body() })
    await ann.whenIdle()
    expect(await until(() => note(bob))).toMatchObject({ title: 'written', body: body() })
    expect(await note(ann)).toStrictEqual(await note(bob))
  })

  it('the same where the row was held, and is read again when it is sent', async () => {
    await world.close()
    let isReady = false
    await open(schemaOf({ capture: (row: Row) => writes(isReady)(row) }))
    await ann.db.table('notes').put({ id: '1', title: 'written', body: body() })
    isReady = true
    await ann.flush()
    await ann.whenIdle()
    expect(await until(() => note(bob))).toMatchObject({ title: 'written', body: body() })
  })

  it('an upgradeRow that throws half-way leaves nothing in the row', () => {
    const { notes } = schemaOf({ upgradeRow: (row: Row) => { writes(true)(row); throw new Error('half-way') } }).tables as never as { notes: never }
    const row = { id: '1', title: 'written', body: body() }
    expect(upgradeRow(notes, row)).toMatchObject({ ok: false })
    expect(row).toEqual({ id: '1', title: 'written', body: body() })
  })

  it('what an upgradeRow returns is taken in by the same rules', () => {
    const { notes } = schemaOf({ upgradeRow: (row: Row) => ({ ...row, body: [undefined, -0, new Uint8Array([1]).buffer], _id: 'x' }) }).tables as never as { notes: never }
    expect(upgradeRow(notes, { id: '1' })).toStrictEqual({ ok: true, row: { id: '1', body: [null, 0, new Uint8Array([1])] } })
  })
})

describe('C6: the largest maxBytes', () => {
  it('is one that a request can carry', async () => {
    await world.close()
    await open(schemaOf({ maxBytes: ROW_BYTES_LIMIT }))
    const pk = '字'.repeat(256)
    await ann.db.table('notes').put({ id: pk, body: 'x'.repeat(ROW_BYTES_LIMIT - JSON.stringify({ id: pk, body: '' }).length - 2 * pk.length) })
    await ann.whenIdle()
    expect(await ann.queue.failed()).toEqual([])
    expect(await until(() => bob.db.table('notes').count())).toBe(1)
  })
})
