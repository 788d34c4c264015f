import type { Nuxt } from '@nuxt/schema'
import { expect, it } from 'vitest'
import { leaveEngineUnfetched } from '../../../src/setup/leave-engine-unfetched'

it('takes the engine, the inspector and what only they import out of the hints, and nothing else', () => {
  const hint = { prefetch: true, preload: true }
  const engine = '../node_modules/or3-sync/dist/runtime/core/sync/create-sync-engine.js'
  const explainer = '../node_modules/or3-sync/dist/runtime/app/explain/explainer.js'
  const manifest: Record<string, object> = {
    'entry.js': { ...hint, isEntry: true, imports: ['_dexie.js'], dynamicImports: [engine, explainer, 'page.vue'] },
    [explainer]: { ...hint, isDynamicEntry: true },
    'page.vue': { ...hint, isDynamicEntry: true, imports: ['_shared.js'] },
    [engine]: { ...hint, isDynamicEntry: true, imports: ['_dexie.js', '_shared.js', '_parser.js'] },
    'src/runtime/inspector/attach-inspector.ts': { ...hint, isDynamicEntry: true, imports: ['_shared.js'] },
    '_dexie.js': { ...hint },
    '_shared.js': { ...hint },
    '_parser.js': { ...hint },
  }
  let rewrite = (_: typeof manifest) => {}
  const nuxt = { hook: (_: string, handler: typeof rewrite) => { rewrite = handler } } as unknown as Nuxt

  leaveEngineUnfetched(nuxt)
  rewrite(manifest)

  const hinted = Object.entries(manifest).filter(([, chunk]) => 'prefetch' in chunk && chunk.prefetch).map(([id]) => id)
  expect(hinted).toEqual(['entry.js', 'page.vue', '_dexie.js', '_shared.js'])
})
