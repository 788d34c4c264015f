import { realpathSync } from 'node:fs'
import { resolveAlias } from '@nuxt/kit'
import type { NuxtOptions } from '@nuxt/schema'
import { basename, dirname, join, resolve } from 'pathe'
import type { ModulePaths } from '../../setup/paths'

/** Finds this module in `modules`: by its name, by the path of its file, or as an imported function. Null: it is not listed. */
export async function findModule({ modules, rootDir, alias }: NuxtOptions, paths: ModulePaths): Promise<{ options?: object } | null> {
  // In this repository, apps may also list the source.
  const own = [join(dirname(paths.runtime), 'module'), join(dirname(paths.runtime), '../src/module')]
  for (const entry of modules) {
    const [source, options] = (Array.isArray(entry) ? entry : [entry]) as [unknown, object?]
    if (await isOurs(source, path => own.some(file => sameFile(resolve(rootDir, resolveAlias(path, alias)), file)))) return { options }
  }
  return null
}

async function isOurs(source: unknown, isPath: (path: string) => boolean): Promise<boolean> {
  if (typeof source === 'string') return source === 'or3-sync' || isPath(source)
  const { getMeta } = (source ?? {}) as { getMeta?: () => Promise<{ name?: string }> | { name?: string } }
  return (await getMeta?.())?.name === 'or3-sync'
}

/** Compares paths without their extensions, through links. */
function sameFile(a: string, b: string): boolean {
  try { return withoutExtension(a) === withoutExtension(b) }
  catch { return false }
}

function withoutExtension(path: string): string {
  return join(realpathSync(dirname(path)), basename(path).replace(/\.\w+$/, ''))
}
