import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { H3Event } from 'h3'
import type { NitroApp } from 'nitropack/types'
import type { GatewaySession } from 'or3-sync/server'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Written out: the files themselves import what only a Nitro build has. */
interface SessionResolver {
  resolveSession: (event: H3Event, nitroApp: NitroApp) => Promise<GatewaySession | null>
  warnWithoutSession: (nitroApp: NitroApp) => void
}

/** What Nitro asks who is there with, bundled as for `nuxt dev` or for production, in an app with nuxt-auth-utils or without. */
export async function loadSessionResolver({ dev, authUtils }: { dev: boolean, authUtils: boolean }): Promise<SessionResolver> {
  const folder = mkdtempSync(join(tmpdir(), 'or3-session-resolver-'))
  const outfile = join(folder, 'resolver.mjs')
  // Of nuxt-auth-utils there is only its answer here: the user's id, from a header.
  const auth = authUtils ? 'export const getUserId = async event => event.node.req.headers["x-user"] ?? null' : 'export const getUserId = null'
  try {
    await build({
      stdin: { contents: 'export * from "./server/nitro/resolve-session"; export * from "./server/nitro/warn-without-session"', resolveDir: root },
      bundle: true, format: 'esm', platform: 'node', outfile, logLevel: 'silent', define: { 'import.meta.dev': String(dev) },
      plugins: [{
        name: 'virtual',
        setup(bundler) {
          bundler.onResolve({ filter: /^(#or3-sync-virtual\/auth|nitropack\/runtime)$/ }, ({ path }) => ({ path, namespace: 'virtual' }))
          bundler.onLoad({ filter: /auth$/, namespace: 'virtual' }, () => ({ contents: auth }))
          bundler.onLoad({ filter: /runtime$/, namespace: 'virtual' }, () => ({ contents: 'export const useRuntimeConfig = () => ({ or3Sync: { logLevel: "info" } })' }))
        },
      }],
    })
    return await import(/* @vite-ignore */ pathToFileURL(outfile).href) as SessionResolver
  }
  finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
