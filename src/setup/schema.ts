import { existsSync } from 'node:fs'
import { addImports, addServerImports, addTemplate, addTypeTemplate, useLogger } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import { relative } from 'pathe'
import { findMisplacedSchema } from './find-misplaced-schema'
import { startError, withLink } from '../runtime/shared/sync/errors/start-error'
import type { ModulePaths } from './paths'
import { prebundle } from './prebundle'
import type { BuildSettings } from './runtime-config'
import { loadSchemaFile } from './load-schema-file'
import { schemaFilePath } from './schema-file-path'
import { watchSchemaFile } from './watch-schema-file'

/** Makes `#or3-sync-virtual/schema`, the app's schema for browser, server and types. The schema file is checked once, at startup. */
export async function setupSchema({ schema: option }: BuildSettings, nuxt: Nuxt, paths: ModulePaths): Promise<void> {
  const from = `${paths.runtime}/shared/sync/schema/sync-schema`
  const auto = { name: 'defineSyncSchema', from }
  addImports(auto)
  addServerImports(auto)
  // Nuxt's generated types for `shared/` do not include imports that modules add.
  addTypeTemplate({
    filename: 'types/or3-sync-shared.d.ts',
    getContents: () => `export {}
declare global {
  const defineSyncSchema: typeof import(${JSON.stringify(from)})['defineSyncSchema']
}
`,
  }, { shared: true })

  const wanted = await schemaFilePath(option, nuxt.options)
  const file = existsSync(wanted) ? wanted : null
  if (!file && option) {
    throw startError('schema-not-found', `or3Sync.schema is "${option}", which does not exist; accepted: a file that default-exports defineSyncSchema({ … })`)
  }
  if (file) {
    await loadSchemaFile(file, nuxt, paths)
    // Most schema files import zod. The preset does not.
    await prebundle(nuxt, ['zod'])
  }
  const misplaced = file ? null : findMisplacedSchema(nuxt)
  if (misplaced) useLogger('or3-sync').warn(withLink(`${misplaced} is not read, and the tables are those of the preset "or3": move it to ${relative(nuxt.options.rootDir, wanted)}, or set or3Sync.schema to '${misplaced}'`, 'misplaced-schema'))
  // Also when there is no file yet, so that a file created later is noticed.
  watchSchemaFile(wanted, nuxt, async () => {
    if (existsSync(wanted)) await loadSchemaFile(wanted, nuxt, paths)
  })
  const template = addTemplate({
    filename: 'or3-sync/schema.ts',
    write: true,
    getContents: () => file
      ? `export { default } from ${JSON.stringify(withoutExtension(file))}\nexport const isPreset = false\n`
      : `export { or3 as default } from '#or3-sync/presets/or3'\nexport const isPreset = true\n`,
  })
  nuxt.options.alias['#or3-sync-virtual/schema'] = template.dst
}

/**
 * The file's path for the import, without extension. The path stays absolute: Nuxt leaves `shared/` out of the Vue app's server build, for
 * Nitro to bundle, and a relative import would break when Nitro does that from another folder.
 */
function withoutExtension(file: string): string {
  return file.replace(/\.[cm]?[jt]s$/, '')
}
