import { existsSync } from 'node:fs'
import { createResolver } from '@nuxt/kit'

/** Absolute folders of the module's own files. */
export interface ModulePaths {
  runtime: string
  server: string
  /** Whether the module runs from its sources (in this repository) and not from the published package. */
  fromSource: boolean
}

/** The server folder is beside the built module, but in this repository it is beside `src/`. */
export function findPaths(moduleUrl: string): ModulePaths {
  const { resolve } = createResolver(moduleUrl)
  const shipped = existsSync(resolve('./server'))
  return {
    runtime: resolve('./runtime'),
    server: shipped ? resolve('./server') : resolve('../server'),
    fromSource: !shipped,
  }
}
