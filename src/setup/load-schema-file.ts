import { readFile } from 'node:fs/promises'
import type { Nuxt } from '@nuxt/schema'
import { createJiti } from 'jiti'
import { relative } from 'pathe'
import { findSchemaLine } from './find-schema-line'
import type { ModulePaths } from './paths'

interface LoadedSchema { version?: unknown, tables?: unknown }

/**
 * Runs the app's schema file once, so that a mistake stops the start rather than the first write.
 *
 * @throws Error whose message begins with `path:line` of the table or field at fault.
 */
export async function loadSchemaFile(file: string, nuxt: Nuxt, paths: ModulePaths): Promise<void> {
  const jiti = createJiti(import.meta.url, {
    moduleCache: false,
    fsCache: false,
    alias: { ...nuxt.options.alias, '#or3-sync': paths.runtime, 'or3-sync/schema': `${paths.runtime}/schema` },
  })
  const shown = relative(nuxt.options.rootDir, file)
  const globals = globalThis as { defineSyncSchema?: unknown }
  const before = globals.defineSyncSchema
  try {
    const { defineSyncSchema } = await jiti.import<{ defineSyncSchema: unknown }>(`${paths.runtime}/shared/sync/schema/sync-schema`)
    // An auto-import in the app: here there is nobody to write the import.
    globals.defineSyncSchema = defineSyncSchema
    const schema = await jiti.import<LoadedSchema | undefined>(file, { default: true })
    if (!schema || typeof schema.version !== 'number' || !schema.tables) {
      throw new Error('the file must `export default defineSyncSchema({ version, tables })`')
    }
  }
  catch (error) {
    const { message, table, field } = error as { message: string, table?: string, field?: string }
    const line = findSchemaLine(await readFile(file, 'utf8'), table, field)
    const place = line === null ? shown : `${shown}:${line}`
    const failure = new Error(`[or3-sync] ${place} ${message}`)
    // The line in the app's file is the place to look, not our call stack.
    failure.stack = failure.message
    throw failure
  }
  finally {
    if (before === undefined) delete globals.defineSyncSchema
    else globals.defineSyncSchema = before
  }
}
