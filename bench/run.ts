import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundleBench, type BundleSize } from './bundle.ts'
import { startBenchServer } from './bench-server.ts'
import { measureBundleSize } from './measures/bundle-size.ts'
import { measurePropagation } from './measures/propagation.ts'
import { measureWrites, type WriteTimes } from './measures/writes.ts'
import { readCount } from './read-count.ts'
import { type BenchResult, formatResults } from './results-table.ts'
import type { RunSettings } from './run-settings.ts'
import { median, percentile } from './statistics.ts'
import type { SubjectName } from './subject-page.ts'

/**
 * `npm run bench -- [--runs 5] [--rows 10000] [--json FILE]` compares the engine, in real Chromium, with a floor: raw Dexie and the simplest
 * network code. Both take turns round by round, so that a slow moment of the machine hits both. Prints medians.
 */
const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    rows: { type: 'string', default: '10000' },
    json: { type: 'string' },
  },
})

const SUBJECTS: readonly SubjectName[] = ['floor', 'engine']
type Collected = Record<SubjectName, { rounds: WriteTimes[], propagation: number[] }>

async function main(): Promise<void> {
  const runs = readCount('runs', options.runs)
  const rows = readCount('rows', options.rows)
  const { folder, server: script } = await bundleBench()
  const data = await mkdtemp(join(tmpdir(), 'or3-bench-data-'))
  const server = await startBenchServer(script, folder, data)
  try {
    let workspaces = 0
    const settings: RunSettings = { origin: server.origin, rows, nextWorkspace: () => `bench-${workspaces++}` }
    const results = toResults(await collect(settings, runs), rows, await measureBundleSize())
    process.stdout.write(`\nmedians of ${runs} rounds, rows of about 390 bytes\n\n${formatResults(results)}\n`)
    if (options.json) await writeFile(options.json, `${JSON.stringify({ at: new Date().toISOString(), runs, rows, results }, null, 2)}\n`)
  }
  finally {
    await server.stop()
    await rm(data, { recursive: true, force: true })
  }
}

async function collect(settings: RunSettings, runs: number): Promise<Collected> {
  const collected: Collected = { floor: { rounds: [], propagation: [] }, engine: { rounds: [], propagation: [] } }
  for (let round = 1; round <= runs; round++) {
    process.stdout.write(`round ${round} of ${runs}\n`)
    for (const name of SUBJECTS) {
      collected[name].rounds.push(await measureWrites(settings, name))
      collected[name].propagation.push(...await measurePropagation(settings, name))
    }
  }
  return collected
}

function toResults({ floor, engine }: Collected, rows: number, bundle: BundleSize): BenchResult[] {
  const compare = (name: string, read: (subject: Collected[SubjectName]) => number, target?: number): BenchResult =>
    ({ name, unit: 'ms', floor: read(floor), engine: read(engine), target })
  return [
    compare('single write', ({ rounds }) => median(rounds.flatMap(round => round.single))),
    compare(`bulk write of ${rows}`, ({ rounds }) => median(rounds.map(round => round.bulk)), 1.3),
    compare(`drain of ${rows}`, ({ rounds }) => median(rounds.map(round => round.drain)), 4),
    compare(`bootstrap of ${rows}`, ({ rounds }) => median(rounds.map(round => round.bootstrap)), 2),
    compare('propagation p50', ({ propagation }) => median(propagation), 3),
    compare('propagation p95', ({ propagation }) => percentile(propagation, 0.95)),
    { name: 'client beside Dexie, min+gzip, to capture', unit: 'kB', engine: bundle.first / 1000, target: 20 },
    { name: 'and loaded beside that, to sync', unit: 'kB', engine: bundle.later / 1000 },
  ]
}

await main()
