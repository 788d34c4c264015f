import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { freePort } from './free-port'

const START_TIMEOUT_MS = 30_000

export interface PlaygroundServer {
  readonly origin: string
  /** Holds both databases. The process runs in it, too. */
  readonly folder: string
  /** What the process and the ones before it wrote to stderr. */
  stderr(): string
  /** Nobody reads what the process writes to stderr any more. */
  loseLog(): void
  /** Resolves when the process is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port and files, with these variables on top of the first ones. */
  restart(env?: Record<string, string>): Promise<void>
  /** Kills it and removes its folder. */
  stop(): Promise<void>
}

/** The built playground as a process of its own, with sync switched on, on a free port and fresh SQLite files. */
export async function startPlayground(env: Record<string, string> = {}): Promise<PlaygroundServer> {
  const folder = await mkdtemp(join(tmpdir(), 'or3-playground-'))
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  let stderr = ''

  const start = async (more: Record<string, string> = {}) => {
    child = spawn(process.execPath, [join(inject('playgroundOutput'), 'server/index.mjs')], {
      cwd: folder,
      env: { ...serverEnv(folder, port), ...env, ...more },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    child.stderr?.on('data', (chunk: Buffer) => { stderr += chunk.toString() })
    await waitUntilUp(origin, child, () => stderr)
  }
  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (child) await endOf(child, signal)
  }

  await start()
  return {
    origin,
    folder,
    stderr: () => stderr,
    loseLog: () => child?.stderr?.destroy(),
    kill,
    async restart(more) {
      await kill()
      await start(more)
    },
    async stop() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function serverEnv(folder: string, port: number): Record<string, string> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:NUXT_|NITRO_|OR3_|VITE|CONVEX_|NODE_ENV$|PORT$|HOST$)/.test(name))
  return {
    ...Object.fromEntries(inherited) as Record<string, string>,
    NODE_ENV: 'production',
    NITRO_HOST: '127.0.0.1',
    NITRO_PORT: String(port),
    SSR_AUTH_ENABLED: 'true',
    OR3_SYNC_ENABLED: 'true',
    OR3_SYNC_SQLITE_PATH: join(folder, 'sync.sqlite'),
    PLAYGROUND_DB_PATH: join(folder, 'playground.sqlite'),
    OR3_PLAYGROUND_DEMO: 'true',
  }
}

/** Up is: it answers the health route, be it with 404 because sync is off. */
async function waitUntilUp(origin: string, child: ChildProcess, stderr: () => string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the playground server ended with ${child.exitCode ?? child.signalCode}:\n${stderr()}`)
    const status = await fetch(`${origin}/api/sync/health`).then(response => response.status, () => null)
    if (status === 200 || status === 404) return
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  child.kill('SIGKILL')
  throw new Error(`the playground server did not answer within ${START_TIMEOUT_MS / 1000} s:\n${stderr()}`)
}

async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise(resolve => child.once('exit', resolve))
  child.kill(signal)
  await ended
}
