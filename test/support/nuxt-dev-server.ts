import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port'

const ROOT = join(import.meta.dirname, '../..')
const START_TIMEOUT_MS = 100_000

export interface NuxtDevServer {
  readonly origin: string
  /** Kills the server and removes its files. */
  stop: () => Promise<void>
}

/** `nuxt dev` for the fixture `todo-app`, with DevTools. Every request needs the header `x-user`, which names the user. */
export async function startDevServer(): Promise<NuxtDevServer> {
  const folder = await mkdtemp(join(tmpdir(), 'or3-dev-'))
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  // Nuxt leaves DevTools out of tests.
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:NUXT_|NITRO_|OR3_|VITEST|CONVEX_|(?:TEST|CI|NODE_ENV|MODE|DEV|PROD|SSR|BASE_URL|PORT|HOST)$)/.test(name))
  const child = spawn(process.execPath, [join(ROOT, 'node_modules/nuxt/bin/nuxt.mjs'), 'dev', '--no-fork', '--host', '127.0.0.1', '--port', String(port)], {
    cwd: join(ROOT, 'test/fixtures/todo-app'),
    env: {
      ...Object.fromEntries(inherited) as Record<string, string>,
      NODE_ENV: 'development', OR3_DEVTOOLS: 'true', OR3_BUILD_DIR: '.nuxt-devtools', OR3_SYNC_SQLITE_PATH: join(folder, 'sync.sqlite'),
      // DevTools keep their settings in the home folder, and would ask there whether they were welcomed.
      HOME: folder,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  for (const output of [child.stdout, child.stderr]) output.on('data', (chunk: Buffer) => { log += chunk.toString() })
  const stop = async () => {
    const ended = child.exitCode === null && child.signalCode === null ? new Promise(resolve => child.once('exit', resolve)) : null
    child.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  const deadline = Date.now() + START_TIMEOUT_MS
  while (!await fetch(`${origin}/api/sync/health`).then(({ ok }) => ok, () => false)) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop()
      throw new Error(`the development server did not start:\n${log}`)
    }
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  return { origin, stop }
}
