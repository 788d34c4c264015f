import { existsSync, watch } from 'node:fs'
import { logger } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import { basename, dirname } from 'pathe'

/** Editors write a file in several steps. */
const SETTLE_MS = 100

/**
 * In development: restarts Nuxt when the schema file changes, is made or goes. A file with a mistake is reported and
 * leaves the running server alone, which could not come back from it by itself.
 */
export function watchSchemaFile(file: string, nuxt: Nuxt, check: () => Promise<void>): void {
  const folder = dirname(file)
  if (!nuxt.options.dev || !existsSync(folder)) return
  let timer: NodeJS.Timeout | undefined
  // The folder, not the file: an editor that replaces the file would end a watch on it.
  const watcher = watch(folder, (_, name) => {
    if (name !== basename(file)) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      check().then(
        () => nuxt.callHook('restart'),
        (error: Error) => logger.error(error.message),
      )
    }, SETTLE_MS)
  })
  nuxt.hook('close', () => {
    clearTimeout(timer)
    watcher.close()
  })
}
