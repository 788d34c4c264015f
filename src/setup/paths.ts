import { existsSync } from 'node:fs'
import { createResolver } from '@nuxt/kit'

/** Absolute folders of the module's own files. */
export interface ModulePaths {
  runtime: string
  server: string
  /** Whether the module runs from its sources (this repository) rather than from the package. */
  fromSource: boolean
}

/** The server folder lies beside the built module, and beside `src/` in this repository. */
export function findPaths(moduleUrl: string): ModulePaths {
  const { resolve } = createResolver(moduleUrl)
  const shipped = existsSync(resolve('./server'))
  return {
    runtime: resolve('./runtime'),
    server: shipped ? resolve('./server') : resolve('../server'),
    fromSource: !shipped,
  }
}
