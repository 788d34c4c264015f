import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { DEFAULT_FAULTS } from '../src/testing/simulation/fault-rates.ts'
import { bundleWorker } from './bundle-worker.ts'
import { coveredFiles } from './sim-coverage/covered-files.ts'
import { CoverageReport } from './sim-coverage/coverage-report.ts'
import { sourceBranches } from './sim-coverage/source-branches.ts'
import type { SimAnswer, SimJob, SimTask } from './sim-worker.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
const DEFAULTS = { backend: 'memory', devices: '3', tabs: '2' } as const

/**
 * `npm run sim -- [--seeds 200] [--first 1] [--backend memory|sqlite|mixed] [--ops 40] [--devices 3] [--tabs 2] [--jobs N] [--full]`
 * plays one history for each seed and prints what failed. The first failures are shrunk to the steps that are needed (`--no-shrink`: not).
 * `--first SEED --steps 3,7,12` plays only those steps of a history again and prints its log. Exit code 1 when a history failed.
 * With `--backend mixed`, every fourth seed is played on SQLite, and the others on the memory store.
 * `--faults smallPushes=0.2,crash=0` sets how often faults happen. `--list 3,17` plays these seeds. `--coverage` also prints which branches of merge, settle, sweep and fold the histories took, and the seeds that suffice for them.
 */
const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    seeds: { type: 'string' },
    first: { type: 'string', default: '1' },
    list: { type: 'string' },
    faults: { type: 'string', default: '' },
    coverage: { type: 'boolean', default: false },
    steps: { type: 'string' },
    backend: { type: 'string', default: DEFAULTS.backend },
    ops: { type: 'string', default: '40' },
    devices: { type: 'string', default: DEFAULTS.devices },
    tabs: { type: 'string', default: DEFAULTS.tabs },
    jobs: { type: 'string', default: String(Math.min(4, availableParallelism())) },
    full: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: true },
  },
})

const TAIL_LINES = 40
/** How many failing seeds are shrunk and printed. Of the others only the seed is printed. */
const MAX_TOLD = 3

type Failure = Extract<SimAnswer, { failure: string }>

async function main(): Promise<boolean> {
  const steps = readList('steps')
  const jobs = readCount('jobs')
  const seeds = readSeeds(steps ? 1 : 200)
  const job: SimJob = { backend: readBackend(), ops: readCount('ops'), devices: readCount('devices'), tabs: readCount('tabs'), faults: readFaults() }
  const file = await bundleWorker({ whole: options.coverage })
  const branches = options.coverage ? sourceBranches(file, ROOT, coveredFiles(ROOT)) : undefined
  const coverage = branches && new CoverageReport(branches)
  const startedAt = performance.now()
  const totals: Record<string, number> = {}
  const failed: Failure[] = []
  let played = 0
  await answerAll(file, { ...job, branches: branches?.map(({ at, of }) => ({ at, of })) }, jobs, seeds.map(seed => ({ seed, steps })), (answer) => {
    played++
    coverage?.add(answer.seed, answer.taken!)
    if ('counts' in answer) for (const [name, count] of Object.entries(answer.counts)) totals[name] = (totals[name] ?? 0) + count
    else failed.push(answer)
    if (played % 100 === 0) print(`${played} of ${seeds.length} histories, ${failed.length} failed\n`)
  })
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  const counts = Object.entries(totals).map(([name, count]) => `${count} ${name}`).join(', ')
  print(`\n${played} histories on ${job.backend} in ${seconds} s: ${counts}\n`)
  if (coverage) print(`\n${coverage.lines().join('\n')}\n\n`)
  failed.sort((a, b) => a.seed - b.seed)
  if (!failed.length) print('All invariants held.\n')
  else await tell(file, job, jobs, failed, options.shrink && !steps)
  return failed.length === 0
}

/** Prints the first failures (shrunk, if wanted) and how to play them again. */
async function tell(file: string, job: SimJob, jobs: number, failed: readonly Failure[], shrinks: boolean): Promise<void> {
  const told = failed.slice(0, MAX_TOLD)
  if (shrinks) {
    print(`\nShrinking ${told.map(({ seed }) => seed).join(', ')} ...\n`)
    await answerAll(file, job, jobs, told.map(({ seed }) => ({ seed, shrinks: true })), (answer) => {
      const index = told.findIndex(({ seed }) => seed === answer.seed)
      if ('failure' in answer) told[index] = answer
    })
  }
  for (const { seed, failure, log, steps } of told) {
    print(`\nseed ${seed}: ${failure}\n${log.slice(options.full || steps || options.steps ? 0 : -TAIL_LINES).join('\n')}\n`)
    if (steps) print(`Again: npm run sim --${otherOptions(job)} --first ${seed} --steps ${steps.join(',')}\n`)
  }
  print(`\nFAILED: ${failed.length}. Again: npm run sim -- --seeds 1 --full --first ${failed.map(({ seed }) => seed).join(' | ')}\n`)
}

/** The command line options that differ from the defaults, for playing a history again. */
function otherOptions(job: SimJob): string {
  const changed = (['backend', 'devices', 'tabs'] as const).flatMap(name => String(job[name]) === DEFAULTS[name] ? [] : ` --${name} ${job[name]}`)
  return [...changed, ...options.faults ? [` --faults ${options.faults}`] : []].join('')
}

/** Gives the tasks to the workers, one at a time to each. */
async function answerAll(file: string, job: SimJob, jobs: number, tasks: readonly SimTask[], onAnswer: (answer: SimAnswer) => void): Promise<void> {
  const waiting = [...tasks]
  await Promise.all(Array.from({ length: Math.min(jobs, tasks.length) }, () => new Promise<void>((resolve, reject) => {
    const worker = new Worker(file, { workerData: job, execArgv: ['--enable-source-maps'] })
    const goOn = () => {
      const task = waiting.shift()
      if (task) worker.postMessage(task)
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

/** The seeds to play: those of `--list`, or as many as wanted from `--first` on. */
function readSeeds(count: number): number[] {
  const first = readCount('first', 0)
  return readList('list') ?? Array.from({ length: options.seeds === undefined ? count : readCount('seeds') }, (_, index) => first + index)
}

function readList(name: 'steps' | 'list'): number[] | undefined {
  const text = options[name]
  if (text === undefined) return undefined
  const numbers = text.split(',').map(Number)
  if (numbers.some((number, index) => !Number.isInteger(number) || number < 0 || (index > 0 && number <= numbers[index - 1]!))) {
    throw new Error(`--${name} is "${text}"; give whole numbers that rise, such as 3,7,12`)
  }
  return numbers
}

function readCount(name: 'seeds' | 'first' | 'ops' | 'devices' | 'tabs' | 'jobs', least = 1): number {
  const count = Number(options[name])
  if (!Number.isInteger(count) || count < least) throw new Error(`--${name} is "${options[name]}"; give a whole number from ${least}`)
  return count
}

function readFaults(): Record<string, number> {
  const faults: [string, number][] = options.faults.split(',').filter(Boolean).map(text => [text.split('=')[0]!, Number(text.split('=')[1])])
  if (faults.some(([name, rate]) => !(name in DEFAULT_FAULTS) || !(rate >= 0 && rate <= 1))) {
    throw new Error(`--faults is "${options.faults}"; give rates from 0 to 1, such as drop=0.2,crash=0. Known are: ${Object.keys(DEFAULT_FAULTS).join(', ')}`)
  }
  return Object.fromEntries(faults)
}

function readBackend(): SimJob['backend'] {
  if (options.backend === 'memory' || options.backend === 'sqlite' || options.backend === 'mixed') return options.backend
  throw new Error(`--backend is "${options.backend}"; known are: memory, sqlite, mixed`)
}

function print(text: string): void {
  process.stdout.write(text)
}

process.exitCode = await main() ? 0 : 1
