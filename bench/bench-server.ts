import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Order, OrderAnswer } from './server/orders'

const TASKSET = '/usr/bin/taskset'

/** Whether a server can be held on one core here. */
export const canPin = existsSync(TASKSET)

export interface BenchServer {
  origin: string
  tell(order: Order): Promise<OrderAnswer>
  stop(): Promise<void>
}

/** Starts the benchmark's server as a process of its own; resolves once it listens. `isPinned`: it runs on the first core only, where the system can do that. */
export async function startBenchServer(script: string, bundles: string, data: string, isPinned = false): Promise<BenchServer> {
  const command = [process.execPath, script, bundles, data]
  const [program, ...args] = isPinned && canPin ? [TASKSET, '--cpu-list', '0', ...command] : command
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const port = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([line]) => String(line)),
    ended.then(([code]) => { throw new Error(`the benchmark's server ended with ${String(code)}`) }),
  ])
  const origin = `http://127.0.0.1:${port}`
  return {
    origin,
    async tell(order) {
      const response = await fetch(`${origin}/orders`, { method: 'POST', body: JSON.stringify(order) })
      if (!response.ok) throw new Error(await response.text())
      return await response.json() as OrderAnswer
    },
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
