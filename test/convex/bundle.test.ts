import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** As Convex's own bundler does it for functions that run in its isolate. */
it('bundles `convex/` for a platform without Node', async () => {
  const files = ['schema', 'sync', 'crons', 'members', 'auth.config']
  const { outputFiles, metafile } = await build({
    entryPoints: files.map(file => `${root}convex/${file}.ts`),
    alias: { 'or3-sync/convex': `${root}src/convex/index.ts`, 'or3-sync/schema': `${root}src/runtime/schema.ts`, '#or3-sync': `${root}src/runtime` },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'esnext',
    conditions: ['convex', 'module'],
    outdir: `${root}never-written`,
    write: false,
    metafile: true,
    logLevel: 'silent',
  })
  const inputs = Object.keys(metafile.inputs)
  const imports = Object.values(metafile.outputs).flatMap(output => output.imports.filter(({ external }) => external).map(({ path }) => path))
  expect(imports).toEqual([])
  expect(inputs).toContain('src/runtime/shared/sync/store/fold-push.ts')
  // Functions carry no database of the browser, no server, no client.
  expect(inputs.filter(path => /dexie|h3\/|convex\/(?:dist|src)\/.*\/browser|server\/lib|core\/sync/.test(path))).toEqual([])
  for (const path of inputs.filter(path => path.startsWith('src/'))) {
    expect(readFileSync(`${root}${path}`, 'utf8'), path).not.toMatch(/\b(?:Buffer|process|require|setTimeout|setInterval|localStorage|globalThis)[.(]|from 'node:/)
  }
  expect(outputFiles.reduce((sum, { contents }) => sum + contents.length, 0)).toBeLessThan(2_000_000)
})
