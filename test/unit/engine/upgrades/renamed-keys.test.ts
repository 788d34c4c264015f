import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defineSyncSchema } from 'or3-sync/schema'
import { z } from 'zod'
import { EngineHarness } from '../../../support/engine-harness'
import { deviceOf, reloadedWith } from '../../../support/schema-versions'

const schemaOf = (version: number, name: string, primaryKey: string, more: object = {}) =>
  defineSyncSchema({ version, tables: { [name]: { schema: z.looseObject({ [primaryKey]: z.string() }), primaryKey, ...more } } } as never)
const v1 = schemaOf(1, 'a', 'id')
const fields = { key: 'id' }
const upgradeRow = ({ id, ...row }: Record<string, unknown>) => ({ ...row, key: row.key ?? id })

let world: EngineHarness
beforeEach(async () => { world = await EngineHarness.open() })
afterEach(() => world.close())

describe('B6: a primary key that gets another name', () => {
  it.each([
    ['with a new version', schemaOf(2, 'a', 'key'), 'a'],
    ['with its wire name and an upgradeRow', schemaOf(2, 'a', 'key', { fields, upgradeRow }), 'a'],
    ['in a table that is renamed', schemaOf(2, 'c', 'key', { wireName: 'a' }), 'c'],
    ['in a table that is renamed, with all that', schemaOf(2, 'c', 'key', { wireName: 'a', fields, upgradeRow }), 'c'],
    ['under the same version', schemaOf(1, 'a', 'key', { fields }), 'a'],
  ])('is refused by name, and the rows stay: %s', async (_, v2, table) => {
    const old = deviceOf(world, 'ann', v1)
    await old.db.table('a').put({ id: '1' })
    const device = await reloadedWith(world, old, 'ann', v2)
    const message = `table "${table}" has the primaryKey "key", and this device keeps its rows by "id", which IndexedDB cannot change; go back to "id", or declare another table and let a step copy the rows`
    await expect(device.start()).rejects.toMatchObject({ code: 'VALIDATION_ERROR', message })
    await expect(device.db.table(table).toArray()).rejects.toThrow()
    expect(device.status.get()).toMatchObject({ state: 'error', reason: null, error: { message } })
    const again = await reloadedWith(world, device, 'ann', schemaOf(3, 'a', 'id'))
    expect(await again.db.table('a').toArray()).toMatchObject([{ id: '1' }])
  })
})
