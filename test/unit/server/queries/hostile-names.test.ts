import { DatabaseSync } from 'node:sqlite'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineSyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import { sqliteBackend } from '../../../../server/lib/backends/sqlite/sqlite'
import type { find } from './query-store'
import { keysFound, pushRows } from './query-store'

const folder = mkdtempSync(join(tmpdir(), 'or3-hostile-names-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Field names, and whether SQLite gets an index on them. */
const NAMES: [string, boolean][] = [
  ['a"b', false], ['a\'b', false], ['a\\b', false], ['a\\"b', false], ['"', false], ['\'', false], ['x\')--', false], ['a")||hex("b', false], ['$', true], ['$date', true],
  ['-', true], ['größe', true], ['日本', true], ['e\u0301', false], ['a:b', false], ['a#b', false], ['(a)', false], ['\u0000', false], ['😀', false], ['length', true], ['0', true], ['null', true], ['payload', true],
]

describe.each(NAMES)('a field with the name %j', (name, isIndexed) => {
  it('is looked for as any other', async () => {
    const path = join(folder, `${NAMES.findIndex(([other]) => other === name)}.sqlite`)
    const backend = sqliteBackend({ path })
    try {
      const schema = defineSyncSchema({ version: 1, tables: { plain: { schema: z.object({ id: z.string(), [name]: z.unknown(), other: z.unknown() }), primaryKey: 'id', indexes: [name, `[${name}+other]`] } } })
      await backend.prepare!({ schema, mayTakeLong: false })
      await pushRows(backend, 'w', schema.tables.plain, [{ id: '1', [name]: 'x', other: 1 }, { id: '2', [name]: new Date(1), other: 2 }, { id: '3', [name]: 'x', other: 3 }, { id: '4', other: 'x' }])
      const ask = (plan: Parameters<typeof find>[2]) => keysFound(backend, 'w', plan, schema)
      expect(await ask({ index: name, range: { kind: 'equals', value: 'x' } })).toEqual(['1', '3'])
      expect(await ask({ index: name })).toEqual(['2', '1', '3'])
      expect(await ask({ index: `[${name}+other]`, range: { kind: 'above', value: ['x', 1], isInclusive: false } })).toEqual(['3'])
      const file = new DatabaseSync(path, { readOnly: true })
      expect(file.prepare('SELECT count(*) AS count FROM sqlite_master WHERE name LIKE \'or3_query_%\'').get()).toEqual({ count: isIndexed ? 2 : 0 })
      file.close()
    }
    finally { await backend.close() }
  })
})
