import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadNuxt, logger } from '@nuxt/kit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

let app: string
beforeEach(async () => {
  app = await mkdtemp(join(tmpdir(), 'or3-misplaced-'))
  await symlink(join(ROOT, 'node_modules'), join(app, 'node_modules'))
  await write('nuxt.config.ts', `export default defineNuxtConfig({ modules: [${JSON.stringify(join(ROOT, 'src/module'))}], compatibilityDate: '2026-01-01', telemetry: false, devtools: { enabled: false } })`)
})
afterEach(async () => { await rm(app, { recursive: true, force: true }) })

async function write(name: string, text: string): Promise<void> {
  await mkdir(dirname(join(app, name)), { recursive: true })
  await writeFile(join(app, name), text)
}

/** What the start says of or3-sync. */
async function start(or3Sync: object = {}): Promise<string[]> {
  const said: string[] = []
  const reporter = { log: ({ tag, args }: { tag: string, args: unknown[] }) => { if (tag === 'or3-sync') said.push(args.join(' ')) } }
  logger.addReporter(reporter)
  try {
    const nuxt = await loadNuxt({ cwd: app, ready: true, overrides: { or3Sync } as never })
    await nuxt.close()
  }
  finally { logger.removeReporter(reporter) }
  return said
}

const SCHEMA = 'import { defineSyncSchema } from \'or3-sync/schema\'\nexport default defineSyncSchema({ version: 1, tables: {} })\n'

describe('a schema file in another place than shared/sync.schema.ts', () => {
  it.each(['app/sync.schema.ts', 'sync.schema.ts', 'server/sync.schema.ts', 'app/shared/sync.schema.ts', 'shared/utils/sync.schema.ts', 'shared/sync.schema.js'])('%s is not read, and the start says what to do', async (name) => {
    await write(name, SCHEMA)
    expect(await start()).toEqual([`${name} is not read, and the tables are those of the preset "or3": move it to shared/sync.schema.ts, or set or3Sync.schema to '${name}' (node_modules/or3-sync/docs/errors.md#misplaced-schema)`])
  })

  it('is read where the option names it, and nothing is said; nor is it where there is none', async () => {
    expect(await start()).toEqual([])
    await write('app/sync.schema.ts', SCHEMA.replace('{} }', '{ todos: { schema: { "~standard": { version: 1, vendor: "mine", validate: value => ({ value }) } }, primaryKey: "id" } } }'))
    expect(await start({ schema: 'app/sync.schema.ts' })).toEqual([])
  })

  it('is refused where the option names a file that is not there', async () => {
    await expect(start({ schema: 'app/nothing.ts' })).rejects.toThrow('or3Sync.schema is "app/nothing.ts", which does not exist')
  })
})
