import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, open } from 'node:fs/promises'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { percentile } from '../../../bench/statistics.ts'
import { ServerProcess } from '../server-process.ts'
import type { FillOrder } from '../server-order.ts'
import type { HostileCase, HostilePlace } from './hostile-case.ts'
import { Probe } from './probe.ts'

export interface HostileResult {
  /** Milliseconds. Infinity: there was no answer. */
  health: { p50: number, p99: number }
  push: { p50: number, p99: number }
  /** The longest stall of the event loop, in milliseconds; null: the server has ended. */
  stallMs: number | null
  /** Bytes. 0: not known. */
  peakMemory: number
  /** Share of one core. 0: not known. */
  cpu: number
  failed: number
}

/** How long a request is waited for after the end of a case, in milliseconds. */
const PATIENCE_MS = 10_000

/** Runs cases one after the other, each with a server and a store of its own. */
export class HostileRun {
  readonly #script: string
  readonly #folder: string
  readonly #seconds: number
  /** Filled stores, by their contents: they are copied instead of filled again. */
  readonly #filled = new Map<string, string>()
  #count = 0

  constructor({ script, folder, seconds }: { script: string, folder: string, seconds: number }) {
    preferProcess(process.pid)
    this.#script = script
    this.#folder = folder
    this.#seconds = seconds
  }

  async run(hostile: HostileCase): Promise<HostileResult> {
    const path = join(this.#folder, `case-${this.#count++}.sqlite`)
    if (hostile.fill) await copySynced(await this.#fill(hostile.fill), path)
    const server = new ServerProcess(this.#script, path)
    await server.start()
    preferProcess(server.pid)
    const attacker = hostile.attack ? await startAttacker(hostile.attack, server.port) : undefined
    const others: ServerProcess[] = []
    const another = async () => {
      const other = new ServerProcess(this.#script, path)
      others.push(other)
      await other.start()
      return other
    }
    try { return await this.#measure(hostile, { server, path, another }, attacker) }
    finally {
      attacker?.kill('SIGKILL')
      await Promise.all([server, ...others].map(started => started.kill()))
    }
  }

  async #measure({ operate }: HostileCase, place: Omit<HostilePlace, 'signal'>, attacker: ChildProcess | undefined): Promise<HostileResult> {
    const { server } = place
    const probe = new Probe(server.port)
    const over = new AbortController()
    await server.tell({ do: 'reset' })
    await probe.connect()
    probe.start()
    await wait(500)
    const before = { at: performance.now(), cpuMs: (await server.tell({ do: 'stall' })).cpuMs ?? 0 }
    attacker?.send('begin')
    const operated = operate?.({ ...place, signal: over.signal })
    // An action of the operator is measured to its end, but at most for a minute.
    await Promise.all([wait(this.#seconds * 1_000), operated && Promise.race([operated, wait(60_000)])])
    over.abort()
    await operated
    const peakMemory = server.peakMemory()
    await probe.stop(PATIENCE_MS)
    const ended = server.exitCode !== null
    const { stallMs = null, cpuMs = 0 } = ended ? {} : await server.tell({ do: 'stall' })
    return {
      health: sharesOf(probe.healthMs),
      push: sharesOf(probe.pushMs),
      stallMs,
      peakMemory: ended ? 0 : Math.max(peakMemory, server.peakMemory()),
      cpu: ended ? 0 : (cpuMs - before.cpuMs) / (performance.now() - before.at),
      failed: probe.failed,
    }
  }

  async #fill(order: FillOrder): Promise<string> {
    const key = JSON.stringify(order)
    const known = this.#filled.get(key)
    if (known) return known
    const path = join(this.#folder, `filled-${this.#filled.size}.sqlite`)
    const server = new ServerProcess(this.#script, path)
    await server.start()
    await server.tell(order)
    // Closing the store moves SQLite's write-ahead log into the file, which is then copied.
    await server.stop()
    this.#filled.set(key, path)
    return path
  }
}

/** Copies a file and waits until it is on the disk. Otherwise the server's first commit would wait for that. */
async function copySynced(from: string, to: string): Promise<void> {
  await copyFile(from, to)
  const file = await open(to, 'r+')
  await file.sync()
  await file.close()
}

/** Gives the process a high priority, so that other programs of the machine disturb the measurement less. Not all systems allow it. */
function preferProcess(pid: number): void {
  try { setPriority(pid, -15) }
  catch { /* only root may */ }
}

async function startAttacker(name: string, port: number): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, 'attacker.ts'), [name, String(port)])
  await once(child, 'message')
  return child
}

function sharesOf(times: readonly number[]): { p50: number, p99: number } {
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) }
}

function wait(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
