import { describe, expect, it } from 'vitest'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { z } from 'zod'
import { defineSyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import type { SyncTable } from '#or3-sync/shared/sync/schema/sync-schema'
import { stopEarly } from '../../../../server/lib/limits/stop-early'

/** The table's schema as the server uses it. */
function serverSchema(fields: z.ZodRawShape): StandardSchemaV1 {
  const schema = defineSyncSchema({ version: 1, tables: { rows: { schema: z.object({ id: z.string(), ...fields }), primaryKey: 'id' } } })
  return (stopEarly(schema as never).tables as Record<string, SyncTable>).rows!.schema
}
const check = (schema: StandardSchemaV1, row: unknown) => schema['~standard'].validate(row) as StandardSchemaV1.Result<unknown>

describe('F43: a row that is wrong in many places', () => {
  const MANY = 10_000
  let looks = 0
  const counted = z.string().refine((text) => {
    looks++
    return text === 'good'
  }, 'must be good')

  it.each([
    ['a list of texts', { list: z.array(counted) }, { list: Array.from({ length: MANY }, () => 'bad') }, 'list.0'],
    ['a list that may be left out', { list: z.array(counted).optional() }, { list: ['good', ...Array.from({ length: MANY }, () => 'bad')] }, 'list.1'],
    ['a list inside objects', { deep: z.object({ list: z.array(counted).nullable() }) }, { deep: { list: Array.from({ length: MANY }, () => 'bad') } }, 'deep.list.0'],
    ['a list of objects', { list: z.array(z.object({ name: counted })) }, { list: Array.from({ length: MANY }, () => ({ name: 'bad' })) }, 'list.0.name'],
    ['a short list of long ones', { lists: z.array(z.array(counted)) }, { lists: [Array.from({ length: MANY }, () => 'bad')] }, 'lists.0.0'],
  ])('is left at the first of them: %s', (_, fields, row, path) => {
    looks = 0
    const { issues } = check(serverSchema(fields), { id: 'a', ...row })
    expect(issues).toEqual([{ message: 'must be good', path: expect.any(Array) }])
    expect(issues?.[0]?.path?.join('.')).toBe(path)
    expect(looks).toBeLessThan(10)
  })

  it('is left at the first element of a wrong type', () => {
    const { issues } = check(serverSchema({ list: z.array(z.string()) }), { id: 'a', list: Array.from({ length: MANY }, () => 1) })
    expect(issues).toEqual([{ message: 'Invalid input: expected string, received number', path: ['list', 0] }])
  })
})

describe('a schema that stops early', () => {
  it('says of the first problem what the schema itself says', () => {
    const fields = { email: z.email(), age: z.number().min(18, 'too young'), kind: z.enum(['a', 'b']), either: z.union([z.string(), z.number()]) }
    for (const row of [{ email: 'x' }, { email: 'a@b.cd', age: 3 }, { email: 'a@b.cd', age: 30, kind: 'c' }, { email: 'a@b.cd', age: 30, kind: 'a', either: true }]) {
      const { issues } = check(z.object({ id: z.string(), ...fields }), { id: 'a', ...row })
      const first = { message: issues![0]!.message, path: issues![0]!.path }
      expect(check(serverSchema(fields), { id: 'a', ...row })).toEqual({ issues: [first] })
    }
  })

  it('takes what the schema takes', () => {
    const fields = { list: z.array(z.string().min(3)).max(2_000), map: z.record(z.string(), z.number()), when: z.date().default(new Date(0)), text: z.string().catch('caught') }
    const row = { id: 'a', list: Array.from({ length: 1_000 }, () => 'long enough'), map: { a: 1 }, text: 5 }
    expect(check(serverSchema(fields), row)).toEqual(check(z.object({ id: z.string(), ...fields }), row))
  })

  it('leaves other libraries alone', () => {
    const other: StandardSchemaV1 = { '~standard': { version: 1, vendor: 'other', validate: value => ({ value }) } }
    const table = { name: 'rows', schema: other } as unknown as SyncTable
    expect((stopEarly({ version: 1, tables: { rows: table }, steps: [] }).tables.rows as SyncTable).schema).toBe(other)
  })
})
