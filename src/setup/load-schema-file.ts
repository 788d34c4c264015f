import { readFile } from 'node:fs/promises'
import type { NuxtOptions } from '@nuxt/schema'
import { createJiti } from 'jiti'
import { relative } from 'pathe'
import { startError } from '../runtime/shared/sync/errors/start-error'
import { findSchemaLine } from './find-schema-line'
import type { ModulePaths } from './paths'

/** What has to be known of the app: where it is, and its aliases. */
export interface NuxtFolders { options: Pick<NuxtOptions, 'alias' | 'rootDir'> }

interface LoadedSchema { version: number, tables: object }

/**
 * Runs the app's schema file once at startup, so that a mistake in it is found now and not at the first write.
 *
 * @throws Error whose message begins with the `path:line` of the wrong table or field.
 */
export async function loadSchemaFile(file: string, nuxt: NuxtFolders, paths: Pick<ModulePaths, 'runtime'>): Promise<LoadedSchema> {
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
    // In the app `defineSyncSchema` is auto-imported. Here it has to be a global.
    globals.defineSyncSchema = defineSyncSchema
    const schema = await jiti.import<Partial<LoadedSchema> | undefined>(file, { default: true })
    if (!schema || typeof schema.version !== 'number' || !schema.tables) {
      throw new Error('the file must `export default defineSyncSchema({ version, tables })`')
    }
    return schema as LoadedSchema
  }
  catch (error) {
    const { message, table, field } = error as { message: string, table?: string, field?: string }
    const line = findSchemaLine(await readFile(file, 'utf8'), table, field)
    const place = line === null ? shown : `${shown}:${line}`
    const failure = startError('schema-invalid', `${place} ${message}`)
    // Our call stack would hide the line in the app's file, which is what the developer needs.
    failure.stack = failure.message
    throw failure
  }
  finally {
    if (before === undefined) delete globals.defineSyncSchema
    else globals.defineSyncSchema = before
  }
}
