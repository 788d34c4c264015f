import { parentPort, workerData } from 'node:worker_threads'
import { memoryBackend, sqliteBackend, type SyncBackend } from 'or3-sync/server'
import { simulate, SimulationError, type SimulateOptions } from '../src/testing/simulation/index'

/** What the parent asks for: the options of every history. */
export interface SimJob extends Pick<SimulateOptions, 'devices' | 'tabs' | 'ops'> {
  backend: 'memory' | 'sqlite'
}

export type SimAnswer =
  | { seed: number, counts: Record<string, number> }
  | { seed: number, failure: string, log: string[] }

const BACKENDS: Record<SimJob['backend'], () => SyncBackend> = { memory: memoryBackend, sqlite: () => sqliteBackend({ path: ':memory:' }) }
const { backend, ...options } = workerData as SimJob

// One seed after the other: the simulation has this thread's clock and tasks in its hands.
parentPort!.on('message', (seed: number) => {
  void play(seed).then(answer => parentPort!.postMessage(answer))
})

async function play(seed: number): Promise<SimAnswer> {
  try {
    const { edits, applied, conflicts, rescans, restores, requests, faults } = await simulate({ ...options, seed, backend: BACKENDS[backend] })
    return { seed, counts: { edits, applied, conflicts, rescans, restores, requests, ...faults } }
  }
  catch (error) {
    const log = error instanceof SimulationError ? error.report.log : []
    const cause = error instanceof SimulationError ? error.cause as Error : error as Error
    return { seed, failure: cause.name === 'InvariantViolation' ? cause.message : cause.stack ?? String(cause), log }
  }
}
