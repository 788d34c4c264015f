import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Loads source that imports what only a Nitro build has. `virtual` gives the source of such modules, besides a runtime config that logs from `info` on. */
export async function bundleNitro<T>(contents: string, { dev = false, virtual = {} }: { dev?: boolean, virtual?: Record<string, string> } = {}): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'or3-nitro-'))
  const outfile = join(folder, 'bundle.mjs')
  const modules: Record<string, string> = { 'nitropack/runtime': 'export const useRuntimeConfig = () => ({ or3Sync: { logLevel: "info" } })', ...virtual }
  try {
    await build({
      stdin: { contents, resolveDir: root },
      bundle: true, format: 'esm', platform: 'node', outfile, logLevel: 'silent', define: { 'import.meta.dev': String(dev) },
      plugins: [{
        name: 'virtual',
        setup(bundler) {
          bundler.onResolve({ filter: /^(#or3-sync-virtual\/|nitropack\/runtime$)/ }, ({ path }) => ({ path, namespace: 'virtual' }))
          bundler.onLoad({ filter: /.*/, namespace: 'virtual' }, ({ path }) => ({ contents: modules[path]! }))
        },
      }],
    })
    return await import(/* @vite-ignore */ pathToFileURL(outfile).href) as T
  }
  finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
