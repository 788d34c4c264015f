import { parentPort, workerData } from 'node:worker_threads'
import { memoryBackend, sqliteBackend, type SyncBackend } from 'or3-sync/server'
import { BlockCounter } from './sim-coverage/block-counter.ts'
import type { BranchPlace } from './sim-coverage/branches-of-code.ts'
import { shrinkHistory, simulate, SimulationError, type SimulateOptions } from '../src/testing/simulation/index'

/** The options of all histories, from the parent. */
export interface SimJob extends Pick<SimulateOptions, 'devices' | 'tabs' | 'ops' | 'faults'> {
  /** `mixed`: every fourth seed on SQLite, the others on the memory store. Only the memory store can be restored from a copy. */
  backend: 'memory' | 'sqlite' | 'mixed'
  /** The branches of this bundle whose coverage is wanted. */
  branches?: readonly BranchPlace[]
}

/** One history to play, whole or in part, or to shrink. */
export interface SimTask {
  seed: number
  steps?: number[]
  shrinks?: boolean
}

export type SimAnswer = SimOutcome & {
  /** Indexes of the `branches` that the history took. */
  taken?: number[]
}

type SimOutcome =
  | { seed: number, counts: Record<string, number> }
  | { seed: number, failure: string, log: string[], steps?: readonly number[] }

const sqlite = () => sqliteBackend({ path: ':memory:' })
const BACKENDS: Record<SimJob['backend'], (seed: number) => SyncBackend> = { memory: memoryBackend, sqlite, mixed: seed => seed % 4 ? memoryBackend() : sqlite() }
const { backend, branches, ...options } = workerData as SimJob
const counter = branches && new BlockCounter(import.meta.url, branches)

// One history after the other, because a simulation controls the clock and the tasks of its thread.
parentPort!.on('message', (task: SimTask) => {
  void answer(task).then(outcome => parentPort!.postMessage({ ...outcome, taken: counter?.take() } satisfies SimAnswer))
})

async function answer({ seed, steps, shrinks }: SimTask): Promise<SimOutcome> {
  const history: SimulateOptions = { ...options, seed, steps, backend: () => BACKENDS[backend](seed) }
  try {
    if (shrinks) {
      const shrunk = await shrinkHistory(history)
      return { ...describe(seed, shrunk.error), steps: shrunk.steps }
    }
    const { edits, applied, conflicts, rescans, restores, requests, faults } = await simulate(history)
    return { seed, counts: { edits, applied, conflicts, rescans, restores, requests, ...faults } }
  }
  catch (error) {
    return describe(seed, error as Error)
  }
}

function describe(seed: number, error: Error) {
  const log = error instanceof SimulationError ? error.report.log : []
  const cause = error instanceof SimulationError ? error.cause as Error : error
  return { seed, failure: cause.name === 'InvariantViolation' ? cause.message : cause.stack ?? String(cause), log }
}
