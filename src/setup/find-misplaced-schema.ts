import { existsSync } from 'node:fs'
import type { NuxtOptions } from '@nuxt/schema'
import { join, relative, resolve } from 'pathe'

const EXTENSIONS = ['ts', 'mts', 'js', 'mjs']

/** A schema file where people put it by mistake, or with another extension: its path from the app's root. Null: there is none. */
export function findMisplacedSchema({ options: { rootDir, srcDir, serverDir, dir } }: { options: Pick<NuxtOptions, 'rootDir' | 'srcDir' | 'serverDir' | 'dir'> }): string | null {
  const folders = [resolve(rootDir, dir.shared), rootDir, srcDir, join(srcDir, 'shared'), join(srcDir, 'utils'), join(rootDir, dir.shared, 'utils'), serverDir]
  const files = folders.flatMap(folder => EXTENSIONS.map(extension => join(folder, `sync.schema.${extension}`)))
  const found = files.find(file => existsSync(file))
  return found ? relative(rootDir, found) : null
}
