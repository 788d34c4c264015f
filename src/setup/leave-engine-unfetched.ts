import type { Nuxt } from '@nuxt/schema'

/** Matches, by source path, the chunks that the module loads on demand. */
const ON_DEMAND = /(?:src|dist)\/runtime\/(?:core\/sync|inspector|app\/(?:explain|diagnosis))\/|\/convex\/dist\//

interface Chunk {
  isEntry?: boolean
  isDynamicEntry?: boolean
  imports?: string[]
  prefetch?: boolean
  preload?: boolean
}

/**
 * Removes the prefetch hints for the engine, for what explains troubles, for the inspector, and for Convex's client. Nuxt prefetches every chunk that may be loaded on demand, so with sync
 * off the browser would fetch code that it never runs. Chunks that the app itself also imports keep their hints.
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

/** Adds a chunk and everything that it imports statically. */
function collect(chunks: Record<string, Chunk>, id: string, into: Set<string>): void {
  const chunk = chunks[id]
  if (!chunk || into.has(id)) return
  into.add(id)
  for (const next of chunk.imports ?? []) collect(chunks, next, into)
}
