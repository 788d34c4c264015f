import { tryResolveModule } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'

/** Has Vite bundle these packages before the first page load. Otherwise it would discover them during that load, and reload the page. */
export async function prebundle(nuxt: Nuxt, names: string[]): Promise<void> {
  const include: string[] = []
  for (const name of names) {
    // With a package manager that does not hoist, the app cannot resolve them. Vite then needs the path through this module.
    const hoisted = await tryResolveModule(name, nuxt.options.rootDir)
    include.push(hoisted ? name : `or3-sync > ${name}`)
  }
  nuxt.options.vite.optimizeDeps ??= {}
  nuxt.options.vite.optimizeDeps.include = [...nuxt.options.vite.optimizeDeps.include ?? [], ...include]
}
