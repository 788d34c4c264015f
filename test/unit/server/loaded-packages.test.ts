import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const run = promisify(execFile)

/** Starts a gateway, is asked once, and prints which of the packages Node has loaded by then. */
const SERVER = `
import { registerHooks } from 'node:module'
import { createServer } from 'node:http'

const loaded = new Set()
registerHooks({
  resolve(name, context, next) {
    const found = next(name, context)
    for (const [, name] of found.url.matchAll(/node_modules\\/(prom-client|rate-limiter-flexible|jose)\\//g)) loaded.add(name)
    return found
  },
})

const { createApp, toNodeListener } = await import('h3')
const { z } = await import('zod')
const { defineSyncSchema } = await import('or3-sync/schema')
const { createSyncGateway, createTokenIssuer, generateTokenKeys, memoryBackend, prometheusMetrics } = await import('or3-sync/server')

const schema = defineSyncSchema({ version: 1, tables: { todos: { schema: z.object({ id: z.string() }), primaryKey: 'id' } } })
const session = { userId: 'ada', workspaces: [{ id: 'w1', role: 'owner' }] }
const notCounted = { take: async () => ({ allowed: true, remaining: 1, resetMs: 0 }) }
const more = {
  plain: async () => ({ rateLimiter: notCounted }),
  counting: async () => ({}),
  metrics: async () => ({ rateLimiter: notCounted, metricsToken: 'secret', metrics: await prometheusMetrics() }),
  tokens: async () => ({ rateLimiter: notCounted, tokens: await createTokenIssuer({ key: (await generateTokenKeys()).privateKey }) }),
}
const gateway = createSyncGateway({ schema, backend: memoryBackend(), session: async () => session, ...await more[process.argv[2]]() })
const server = createServer(toNodeListener(createApp().use(gateway)))
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
const reply = await fetch('http://127.0.0.1:' + server.address().port + '/api/sync/push', {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ scope: { workspaceId: 'w1' }, ops: [] }),
})
console.log(JSON.stringify({ status: reply.status, loaded: [...loaded] }))
process.exit()
`

let folder: string
beforeAll(async () => {
  // Beside the packages, from where Node finds them.
  folder = mkdtempSync(join(ROOT, 'node_modules/.cache/or3-loaded-'))
  await build({
    stdin: { contents: SERVER, resolveDir: ROOT }, outfile: join(folder, 'server.mjs'),
    bundle: true, platform: 'node', format: 'esm', logLevel: 'error', tsconfigRaw: {},
    external: ['h3', 'zod', 'prom-client', 'rate-limiter-flexible', 'jose'],
    alias: { '#or3-sync': join(ROOT, 'src/runtime'), 'or3-sync/schema': join(ROOT, 'src/runtime/schema.ts'), 'or3-sync/server': join(ROOT, 'server/lib/index.ts') },
  })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it.each([
  ['plain', 'with a rate limiter of its own', []],
  ['counting', 'that counts requests itself', ['rate-limiter-flexible']],
  ['metrics', 'with metrics', ['prom-client']],
  ['tokens', 'with tokens', ['jose']],
])('a gateway (%s: %s) loads only the packages that it uses', async (variant, _, packages) => {
  const { stdout } = await run(process.execPath, [join(folder, 'server.mjs'), variant])
  expect(JSON.parse(stdout)).toEqual({ status: 200, loaded: packages })
})
