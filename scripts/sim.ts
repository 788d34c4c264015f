import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { bundleWorker } from './bundle-worker.ts'
import type { SimAnswer, SimJob } from './sim-worker.ts'

/**
 * `npm run sim -- [--seeds 200] [--first 1] [--backend memory|sqlite] [--ops 40] [--devices 3] [--tabs 2] [--jobs N] [--full]`
 * plays one history a seed and says what broke. Exit code 1 when anything did; `--full` prints a failing history as a whole.
 */
const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    first: { type: 'string', default: '1' },
    backend: { type: 'string', default: 'memory' },
    ops: { type: 'string', default: '40' },
    devices: { type: 'string', default: '3' },
    tabs: { type: 'string', default: '2' },
    jobs: { type: 'string', default: String(Math.min(4, availableParallelism())) },
    full: { type: 'boolean', default: false },
  },
})

const TAIL_LINES = 40
/** Failing seeds whose history is printed; the others are named. */
const MAX_TOLD = 5

async function main(): Promise<boolean> {
  const [seeds, first, jobs] = [readCount('seeds'), readCount('first', 0), readCount('jobs')]
  const job: SimJob = { backend: readBackend(), ops: readCount('ops'), devices: readCount('devices'), tabs: readCount('tabs') }
  const startedAt = performance.now()
  const totals: Record<string, number> = {}
  const failed: number[] = []
  let played = 0
  await playAll(await bundleWorker(), job, { first, last: first + seeds - 1, jobs }, (answer) => {
    played++
    if ('counts' in answer) {
      for (const [name, count] of Object.entries(answer.counts)) totals[name] = (totals[name] ?? 0) + count
    }
    else {
      failed.push(answer.seed)
      if (failed.length <= MAX_TOLD) print(`\nseed ${answer.seed}: ${answer.failure}\n${answer.log.slice(options.full ? 0 : -TAIL_LINES).join('\n')}\n`)
    }
    if (played % 100 === 0) print(`${played} of ${seeds} histories, ${failed.length} failed\n`)
  })
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  const counts = Object.entries(totals).map(([name, count]) => `${count} ${name}`).join(', ')
  print(`\n${played} histories on ${job.backend} in ${seconds} s: ${counts}\n`)
  print(failed.length ? `FAILED: ${failed.length}. Again: npm run sim -- --seeds 1 --full --first ${failed.sort((a, b) => a - b).join(' | ')}\n` : 'All invariants held.\n')
  return failed.length === 0
}

/** Hands out seeds to workers, one at a time each. */
async function playAll(file: string, job: SimJob, { first, last, jobs }: { first: number, last: number, jobs: number }, onAnswer: (answer: SimAnswer) => void): Promise<void> {
  let next = first
  await Promise.all(Array.from({ length: Math.min(jobs, last - first + 1) }, () => new Promise<void>((resolve, reject) => {
    const worker = new Worker(file, { workerData: job, execArgv: ['--enable-source-maps'] })
    const goOn = () => {
      if (next <= last) worker.postMessage(next++)
      else void worker.terminate().then(() => resolve())
    }
    worker.on('message', (answer: SimAnswer) => {
      onAnswer(answer)
      goOn()
    })
    worker.on('error', reject)
    goOn()
  })))
}

function readCount(name: 'seeds' | 'first' | 'ops' | 'devices' | 'tabs' | 'jobs', least = 1): number {
  const count = Number(options[name])
  if (!Number.isInteger(count) || count < least) throw new Error(`--${name} is "${options[name]}"; give a whole number from ${least}`)
  return count
}

function readBackend(): SimJob['backend'] {
  if (options.backend === 'memory' || options.backend === 'sqlite') return options.backend
  throw new Error(`--backend is "${options.backend}"; known are: memory, sqlite`)
}

function print(text: string): void {
  process.stdout.write(text)
}

process.exitCode = await main() ? 0 : 1
