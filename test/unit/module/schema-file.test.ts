import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { join } from 'pathe'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadSchemaFile } from '../../../src/setup/load-schema-file'

const runtime = fileURLToPath(new URL('../../../src/runtime', import.meta.url))
const nodeModules = fileURLToPath(new URL('../../../node_modules', import.meta.url))

let rootDir: string
beforeEach(async () => {
  rootDir = await mkdtemp(join(tmpdir(), 'or3-schema-'))
  await mkdir(join(rootDir, 'shared'))
})
afterEach(() => rm(rootDir, { recursive: true }))

/** The message with which an app of this schema file does not start. */
async function startWith(lines: string[]): Promise<string> {
  const file = join(rootDir, 'shared/sync.schema.ts')
  await writeFile(file, lines.join('\n'))
  const nuxt = { options: { rootDir, alias: { zod: join(nodeModules, 'zod') } } }
  return await loadSchemaFile(file, nuxt as never, { runtime } as never).then(() => 'it started', (error: Error) => error.message)
}

const table = (...options: string[]) => [
  'import { z } from \'zod\'',
  'export default defineSyncSchema({',
  '  version: 1,',
  '  tables: {',
  '    todos: {',
  ...options.map(option => `      ${option},`),
  '    },',
  '  },',
  '})',
]
const schema = (fields: string) => `schema: z.object({ id: z.string(), ${fields} })`

describe('a mistake in the schema file stops the start, naming file and line', () => {
  it.each<[string, string[], string]>([
    ['F6: a reserved name', [schema('title: z.string(), _id: z.string()'), 'primaryKey: \'id\''], ':6 table "todos": "_id" is a name that no store takes'],
    ['F6: a reserved wire name', [schema('title: z.string()'), 'primaryKey: \'id\'', 'fields: { title: \'workspace_id\' }'], ':6 table "todos": fields.title: the wire name "workspace_id"'],
    ['F58: an unknown option', [schema('title: z.string()'), 'primaryKey: \'id\'', 'captrue: () => true'], ':8 table "todos": unknown option "captrue"; did you mean "capture"?'],
    ['F64: an index on an array', ['primaryKey: \'id\'', 'indexes: [\'tags\']', schema('tags: z.array(z.string())')], ':7 table "todos": index "tags": "tags" is an array; "*tags" finds rows by its items'],
    ['F64: a numeric key', ['primaryKey: \'key\'', 'schema: z.object({ key: z.number() })'], ':6 table "todos": primaryKey "key" is a number; a primary key must be a string'],
  ])('%s', async (_, options, place) => {
    expect(await startWith(table(...options))).toContain(`shared/sync.schema.ts${place}`)
  })

  it('one without a mistake starts', async () => {
    expect(await startWith(table(schema('title: z.string()'), 'primaryKey: \'id\''))).toBe('it started')
  })
})
