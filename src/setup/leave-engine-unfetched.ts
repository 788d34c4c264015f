import type { Nuxt } from '@nuxt/schema'

/** What the module loads on demand, by its source path in the manifest. */
const ON_DEMAND = /(?:src|dist)\/runtime\/core\/sync\/|\/convex\/dist\//

interface Chunk {
  isEntry?: boolean
  isDynamicEntry?: boolean
  imports?: string[]
  prefetch?: boolean
  preload?: boolean
}

/**
 * The engine, and Convex's client, are loaded on demand, and Nuxt prefetches whatever may be loaded on demand: with sync off the browser would
 * fetch what it never runs. So their chunks, and what only they import, are left out of the hints.
 */
export function leaveEngineUnfetched(nuxt: Nuxt): void {
  nuxt.hook('build:manifest', (manifest) => {
    const chunks = manifest as Record<string, Chunk>
    const app = new Set<string>()
    const engine = new Set<string>()
    for (const [id, chunk] of Object.entries(chunks)) {
      if (chunk.isDynamicEntry && ON_DEMAND.test(id)) collect(chunks, id, engine)
      else if (chunk.isEntry || chunk.isDynamicEntry) collect(chunks, id, app)
    }
    for (const id of engine) {
      if (app.has(id)) continue
      chunks[id]!.prefetch = false
      chunks[id]!.preload = false
    }
  })
}

/** A chunk and all it imports statically. */
function collect(chunks: Record<string, Chunk>, id: string, into: Set<string>): void {
  const chunk = chunks[id]
  if (!chunk || into.has(id)) return
  into.add(id)
  for (const next of chunk.imports ?? []) collect(chunks, next, into)
}
