import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** Starts the benchmark's server as a process of its own; resolves once it listens. */
export async function startBenchServer(script: string, bundles: string, data: string): Promise<{ origin: string, stop(): Promise<void> }> {
  const child = spawn(process.execPath, [script, bundles, data], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const port = await Promise.race([
    once(createInterface(child.stdout), 'line').then(([line]) => String(line)),
    ended.then(([code]) => { throw new Error(`the benchmark's server ended with ${String(code)}`) }),
  ])
  return {
    origin: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
