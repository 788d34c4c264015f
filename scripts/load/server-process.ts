import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { build } from 'esbuild'

const ROOT = join(import.meta.dirname, '../..')

/** Bundles the server from source into a folder from which Node finds our dependencies. @returns the file. */
export async function bundleServer(): Promise<string> {
  const outfile = join(ROOT, 'node_modules/.cache/or3-load/server.mjs')
  await build({
    entryPoints: [join(ROOT, 'scripts/load/load-server.ts')], outfile, absWorkingDir: ROOT, tsconfigRaw: {},
    bundle: true, format: 'esm', target: 'es2022', platform: 'node', packages: 'external', logLevel: 'error',
    alias: { 'or3-sync/server': join(ROOT, 'server/lib/index.ts'), 'or3-sync/schema': join(ROOT, 'src/runtime/schema.ts'), '#or3-sync': join(ROOT, 'src/runtime') },
  })
  return outfile
}

/** The server in a process of its own. It can be killed, and started again on the same port and file. */
export class ServerProcess {
  port = 0
  /** What it wrote to stderr. */
  log = ''
  #child: ChildProcess | null = null
  readonly #script: string
  readonly #path: string

  constructor(script: string, path: string) {
    this.#script = script
    this.#path = path
  }

  async start({ maxBytes = 0 } = {}): Promise<void> {
    const child = fork(this.#script, [this.#path, String(this.port), String(maxBytes)], { execArgv: ['--expose-gc'], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.#child = child
    child.stderr?.on('data', (chunk: Buffer) => { this.log += chunk.toString() })
    const early = once(child, 'exit').then(() => { throw new Error(`the server did not start:\n${this.log}`) })
    const [{ port }] = await Promise.race([once(child, 'message'), early]) as [{ port: number }]
    early.catch(() => {})
    this.port = port
  }

  /** Resident bytes after a garbage collection, and open streams. */
  async measure(): Promise<{ memory: number, streams: number }> {
    this.#child?.send('measure')
    const [answer] = await once(this.#child!, 'message') as [{ memory: number, streams: number }]
    return answer
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
}
