import { existsSync, watch } from 'node:fs'
import { logger } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'
import { basename, dirname } from 'pathe'

/** Waits this long after a change, because editors write a file in several steps. */
const SETTLE_MS = 100

/**
 * In development, restarts Nuxt when the schema file is changed, created or deleted. When the file has a mistake, the mistake is logged and
 * Nuxt keeps running: after a restart it could not recover by itself.
 */
export function watchSchemaFile(file: string, nuxt: Nuxt, check: () => Promise<void>): void {
  const folder = dirname(file)
  if (!nuxt.options.dev || !existsSync(folder)) return
  let timer: NodeJS.Timeout | undefined
  // Watches the folder: a watch on the file would end when an editor replaces the file.
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
