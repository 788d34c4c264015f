import { tryResolveModule } from '@nuxt/kit'
import type { Nuxt } from '@nuxt/schema'

/** In dev Vite would find these while the page loads, and reload it. */
export async function prebundle(nuxt: Nuxt, names: string[]): Promise<void> {
  const include: string[] = []
  for (const name of names) {
    // A package manager that does not hoist hides them from the app; Vite then wants the way to them.
    const hoisted = await tryResolveModule(name, nuxt.options.rootDir)
    include.push(hoisted ? name : `or3-sync > ${name}`)
  }
  nuxt.options.vite.optimizeDeps ??= {}
  nuxt.options.vite.optimizeDeps.include = [...nuxt.options.vite.optimizeDeps.include ?? [], ...include]
}
