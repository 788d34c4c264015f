import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { SoakServerOptions } from './server-options.ts'

/** The server in a process of its own, which can be killed, frozen, and started again on the same port and file. */
export class ServerChild {
  /** 0 until the first start. */
  port = 0
  starts = 0
  readonly #script: string
  readonly #options: Omit<SoakServerOptions, 'port'>
  #child: ChildProcess | null = null
  #log = ''

  constructor(script: string, options: Omit<SoakServerOptions, 'port'>) {
    this.#script = script
    this.#options = options
  }

  /**
   * Resolves once the server listens.
   *
   * @param env variables of its process on top of our own.
   * @throws Error with the server's own output when it ends before
   */
  async start(env: Record<string, string> = {}): Promise<void> {
    const child = fork(this.#script, [JSON.stringify({ ...this.#options, port: this.port })], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], env: { ...process.env, ...env }, execArgv: [] })
    this.#child = child
    this.#log = ''
    child.stderr?.on('data', (chunk: Buffer) => { this.#log = (this.#log + chunk.toString()).slice(-4_000) })
    const ended = once(child, 'exit').then(() => { throw new Error(`the server did not start:\n${this.#log}`) })
    ended.catch(() => {})
    const [{ port }] = await Promise.race([once(child, 'message'), ended]) as [{ port: number }]
    this.port = port
    this.starts++
  }

  /** Whether the process runs, frozen or not. */
  get isRunning(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Whether SIGKILL has ended the process. */
  get wasKilled(): boolean {
    return this.#child?.signalCode === 'SIGKILL'
  }

  /** Resolves when the process has ended, by whatever cause. */
  async ended(): Promise<void> {
    if (this.isRunning) await once(this.#child!, 'exit')
  }

  /** `kill -9`. Resolves when the process is gone. */
  async kill(): Promise<void> {
    if (!this.isRunning) return
    this.#child!.kill('SIGKILL')
    await this.ended()
  }

  freeze(): void {
    this.#child?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#child?.kill('SIGCONT')
  }
}
