import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { ServerAnswer, ServerOrder } from './server-order.ts'

const ROOT = join(import.meta.dirname, '../..')

/**
 * Bundles the server from the gateway's sources in `source`: this checkout, or another one to compare with. The bundle lies in a folder from
 * which Node finds our dependencies.
 *
 * @returns the bundle's path.
 */
export async function bundleServer(source = ROOT): Promise<string> {
  const outfile = join(ROOT, 'node_modules/.cache/or3-load/server.mjs')
  await build({
    entryPoints: [join(ROOT, 'scripts/load/load-server.ts')], outfile, absWorkingDir: ROOT, tsconfigRaw: {},
    bundle: true, format: 'esm', target: 'es2022', platform: 'node', packages: 'external', logLevel: 'error',
    alias: { 'or3-sync/server': join(source, 'server/lib/index.ts'), 'or3-sync/schema': join(source, 'src/runtime/schema.ts'), '#or3-sync': join(source, 'src/runtime') },
    // Another checkout may have no node_modules.
    nodePaths: [join(ROOT, 'node_modules')],
  })
  return outfile
}

/** Runs the server in a process of its own. It can be killed, and started again on the same port and file. */
export class ServerProcess {
  port = 0
  /** The server's output on stderr. */
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

  /** Returns the resident bytes after a garbage collection, and the number of open streams. */
  async measure(): Promise<{ memory: number, streams: number }> {
    const { memory = 0, streams = 0 } = await this.tell({ do: 'measure' })
    return { memory, streams }
  }

  /** Sends an order and waits for its answer. Only one at a time. @throws Error when the server has ended or could not follow it. */
  async tell(order: ServerOrder): Promise<ServerAnswer> {
    const child = this.#child!
    child.send(order)
    const ended = once(child, 'exit').then(() => { throw new Error(`the server has ended:\n${this.log.slice(-2_000)}`) })
    ended.catch(() => {})
    const [answer] = await Promise.race([once(child, 'message'), ended]) as [ServerAnswer]
    if (answer.error) throw new Error(`${order.do}: ${answer.error}`)
    return answer
  }

  /** Null while the process runs. */
  get exitCode(): number | string | null {
    return this.#child ? this.#child.exitCode ?? this.#child.signalCode : null
  }

  get pid(): number {
    return this.#child?.pid ?? 0
  }

  /** The most resident memory that the process has ever had, in bytes. 0: the system does not tell, or the process has ended. */
  peakMemory(): number {
    try {
      const status = readFileSync(`/proc/${this.#child?.pid}/status`, 'utf8')
      return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
    }
    catch { return 0 }
  }

  /** Has the server close its store and exit. */
  async stop(): Promise<void> {
    const ended = once(this.#child!, 'exit')
    this.#child!.send({ do: 'stop' } satisfies ServerOrder)
    await ended
  }

  async kill(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
}
