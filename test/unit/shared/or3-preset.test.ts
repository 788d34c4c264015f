import type { StandardSchemaV1 } from '@standard-schema/spec'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { defineSyncSchema, or3, type SchemaTables } from 'or3-sync/schema'
import { validateRow } from '#or3-sync/shared/sync/rows/validate-payload'
import type { SyncTable } from '#or3-sync/shared/sync/schema/sync-schema'

const word = z.string().nullish()
const seconds = z.number().nullish()
const flag = z.union([z.boolean(), z.number()]).nullish()

/** The preset's rows as zod would check them: what is accepted, the messages and the types have to be the same. */
const inZod = {
  threads: z.looseObject({ id: z.string(), title: word, project_id: word, created_at: seconds, updated_at: seconds, deleted: flag }),
  messages: z.looseObject({ id: z.string(), thread_id: word, role: word, index: seconds, order_key: word, pending: flag, created_at: seconds, updated_at: seconds, deleted: flag }),
  projects: z.looseObject({ id: z.string(), name: word, created_at: seconds, updated_at: seconds, deleted: flag }),
  posts: z.looseObject({ id: z.string(), title: word, postType: word, created_at: seconds, updated_at: seconds, deleted: flag }),
  kv: z.looseObject({ id: z.string(), name: z.string(), created_at: seconds, updated_at: seconds, deleted: flag }),
  file_meta: z.looseObject({ hash: z.string(), name: word, mime_type: word, size_bytes: seconds, created_at: seconds, updated_at: seconds, deleted: flag }),
  notifications: z.looseObject({ id: z.string(), type: word, title: word, created_at: seconds, deleted: flag }),
}

type Name = keyof typeof inZod
const NAMES = Object.keys(inZod) as Name[]
const VALUES = [undefined, null, '', 'text', 0, -1.5, Number.NaN, Infinity, -Infinity, true, false, 1n, [], ['a'], {}, { id: 'a' }, new Date(0), new Map(), Object.create(null), () => {}]

const tableOf = (name: Name): SyncTable => or3.tables[name]
const validRow = (name: Name): Record<string, unknown> => ({ [or3.tables[name].primaryKey]: 'key', ...name === 'kv' && { name: 'theme' } })
const saysOf = (name: Name, row: unknown) => validateRow(tableOf(name), row as Record<string, unknown>)
/** A union of zod's does not say what it expects. */
const zodSaysOf = (name: Name, row: unknown) => validateRow({ ...tableOf(name), schema: inZod[name] }, row as Record<string, unknown>)?.replace(/: Invalid input$/, ': Invalid input: expected boolean or number') ?? null

describe('the rows of the or3 preset', () => {
  it('are those of its tables', () => {
    expect(Object.keys(or3.tables)).toEqual(NAMES)
    for (const name of NAMES) expect(Object.keys(or3.tables[name].schema.shape)).toEqual(Object.keys(inZod[name].shape))
  })

  it.each(NAMES)('%s: accepted and refused as zod would, in zod\'s words', (name) => {
    for (const field of [...Object.keys(inZod[name].shape), 'a_key_of_the_app']) {
      for (const value of VALUES) {
        const row = { ...validRow(name), [field]: value }
        const said = saysOf(name, row)
        const expected = zodSaysOf(name, row)
        if (expected?.endsWith('boolean or number')) expect(said).toMatch(`${expected}, received `)
        else expect(said).toBe(expected)
      }
      const { [field]: _, ...without } = validRow(name)
      expect(saysOf(name, without)).toBe(zodSaysOf(name, without))
    }
  })

  it.each(NAMES)('%s: no rows at all', (name) => {
    for (const value of VALUES) expect(saysOf(name, value)).toBe(zodSaysOf(name, value))
  })

  it('a refusal names the field and what is expected', () => {
    expect(saysOf('threads', { id: 't', title: 5 })).toBe('payload.title: Invalid input: expected string, received number')
    expect(saysOf('threads', { title: 'No key' })).toBe('payload.id: Invalid input: expected string, received undefined')
    expect(saysOf('messages', { id: 'm', pending: 'yes' })).toBe('payload.pending: Invalid input: expected boolean or number, received string')
  })

  it('have the types that zod would give them', () => {
    type Preset = SchemaTables<typeof or3>
    expectTypeOf<keyof Preset>().toEqualTypeOf<Name>()
    expectTypeOf<{ [K in Name]: StandardSchemaV1.InferInput<Preset[K]> }>().toEqualTypeOf<{ [K in Name]: z.input<typeof inZod[K]> }>()
    expectTypeOf<{ [K in Name]: StandardSchemaV1.InferOutput<Preset[K]> }>().toEqualTypeOf<{ [K in Name]: z.output<typeof inZod[K]> }>()
  })

  it('their fields are seen by the checks of a schema that takes them over', () => {
    const { schema } = or3.tables.file_meta
    const define = (table: object) => () => defineSyncSchema({ version: 1, tables: { files: { schema, primaryKey: 'hash', ...table } } })
    expect(define({})).not.toThrow()
    expect(define({ indexes: ['nmae'] })).toThrow('index "nmae" names "nmae", which is no field of its schema')
    expect(define({ fields: { nmae: 'n' } })).toThrow('fields names "nmae", which is no field of its schema')
    expect(define({ primaryKey: 'size_bytes' })).toThrow('primaryKey "size_bytes" is a number')
    expect(define({ indexes: ['deleted'] })).not.toThrow()
  })
})
