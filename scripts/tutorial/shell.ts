import { spawn, type ChildProcess } from 'node:child_process'
import { dirname } from 'node:path'

/** What a developer's shell has, without what npm and this repository's own runs set. The Node that runs this comes first in the path. */
export function shellEnv(more: Record<string, string> = {}): Record<string, string> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:NUXT_|NITRO_|OR3_|VITE|CONVEX_|DATABASE_URL$|SSR_AUTH_ENABLED$|NODE_ENV$|PORT$|HOST$|npm_|INIT_CWD$)/.test(name))
  return { ...Object.fromEntries(inherited) as Record<string, string>, PATH: `${dirname(process.execPath)}:${process.env.PATH}`, NUXT_TELEMETRY_DISABLED: '1', ...more }
}

/**
 * Runs commands in one shell, which stops at the first that fails. Resolves to the folder in which the shell ended.
 * @throws Error with what was written, where a command fails.
 */
export async function runCommands(commands: string[], cwd: string): Promise<string> {
  const marker = 'tutorial-ended-in:'
  const child = spawn('bash', ['-ec', [...commands, `printf '\\n${marker}%s' "$PWD"`].join('\n')], { cwd, env: shellEnv(), stdio: ['ignore', 'pipe', 'pipe'] })
  const output = collect(child)
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  if (code !== 0) throw new Error(`"${commands.join('; ')}" ended with ${code}:\n${output()}`)
  return output().split(marker).at(-1)!.trim()
}

export interface RunningServer {
  readonly origin: string
  /** Ends the shell and what it started. */
  stop(): Promise<void>
  /** The same command again, on the same port. */
  restart(): Promise<void>
}

/**
 * Starts a command that goes on, on a port of its own, and waits until the page answers with 200.
 * @throws Error with what was written, where it ends, or does not answer within 2 minutes.
 */
export async function startServer(command: string, cwd: string, port: number): Promise<RunningServer> {
  const origin = `http://127.0.0.1:${port}`
  let stop = await startOnce(command, cwd, port)
  return { origin, stop: () => stop(), restart: async () => { stop = await startOnce(command, cwd, port) } }
}

/** Resolves to a function that ends it. */
async function startOnce(command: string, cwd: string, port: number): Promise<() => Promise<void>> {
  const child = spawn('bash', ['-c', command], {
    cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'],
    env: shellEnv({ PORT: String(port), HOST: '127.0.0.1' }),
  })
  const output = collect(child)
  const closed = new Promise<void>(resolve => child.once('close', () => resolve()))
  const stop = async () => {
    if (child.exitCode === null) process.kill(-child.pid!, 'SIGTERM')
    await closed
  }
  const until = Date.now() + 120_000
  while (!await answers(`http://127.0.0.1:${port}`)) {
    if (child.exitCode === null && Date.now() < until) continue
    await stop()
    throw new Error(`"${command}" does not answer:\n${output()}`)
  }
  return stop
}

async function answers(origin: string): Promise<boolean> {
  await new Promise(resolve => setTimeout(resolve, 250))
  return await fetch(origin).then(reply => reply.ok, () => false)
}

/** What a process has written so far, to either stream. */
function collect(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => { text += chunk.toString() })
  return () => text
}
