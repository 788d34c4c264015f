import { parseArgs } from 'node:util'
import { Bench } from './bench.ts'
import { measureLargeTables } from './measures/large-tables.ts'
import { measureOutboxShapes } from './measures/outbox-shapes.ts'
import type { LargeTableTimes } from './page/large-table.ts'
import { readCount } from './read-count.ts'
import { type BenchResult, formatResults } from './results-table.ts'
import { median } from './statistics.ts'

/**
 * `npm run bench:storage -- [--runs 3] [--rows 100000]` measures what edits cost on a device with a lot of data. It compares the engine with
 * raw Dexie, in real Chromium and in turns. Nothing is sent. Prints medians.
 */
const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '3' }, rows: { type: 'string', default: '100000' } } })

const SUBJECTS = ['floor', 'engine'] as const

async function main(): Promise<void> {
  const runs = readCount('runs', options.runs)
  const rows = readCount('rows', options.rows)
  const bench = await Bench.start({ rows, idb: 'leveldb' })
  try {
    const large: Record<typeof SUBJECTS[number], LargeTableTimes[]> = { floor: [], engine: [] }
    for (let round = 1; round <= runs; round++) {
      process.stdout.write(`round ${round} of ${runs}\n`)
      for (const name of SUBJECTS) large[name].push(await measureLargeTables(bench, name))
    }
    process.stdout.write(`\nmedians of ${runs} rounds, rows of about 390 bytes\n\n${formatResults(toResults(large, rows))}\n`)
    const shapes = await measureOutboxShapes(bench, runs)
    process.stdout.write(`\nthe outbox as it is (floor) against other ways to store it (engine), raw Dexie\n\n${formatResults(shapes)}\n`)
  }
  finally { await bench.stop() }
}

function toResults({ floor, engine }: Record<typeof SUBJECTS[number], LargeTableTimes[]>, rows: number): BenchResult[] {
  const compare = (name: string, read: (times: LargeTableTimes) => number[], target?: number): BenchResult =>
    ({ name, unit: 'ms', floor: median(floor.flatMap(read)), engine: median(engine.flatMap(read)), target })
  return [
    compare(`bulkPut of 10 beside ${rows} rows`, ({ smallBulk }) => smallBulk, 2),
    compare(`clear of ${rows} rows`, ({ clear }) => [clear]),
    compare('the same, a record written for each', ({ clear, clearAndMark }) => [clearAndMark ?? clear], 2),
    compare(`put beside ${rows} tombstones`, ({ put }) => put, 2),
  ]
}

await main()
