import type { OutboxShape, ShapesSubject, ShapeTimes } from '../page/shapes.ts'
import type { BenchResult } from '../results-table.ts'
import type { Bench } from '../bench.ts'
import { median } from '../statistics.ts'

/** How many synced tables: as many as the `or3` preset has, and very many. */
const TABLES = [7, 30]

const OTHERS: readonly OutboxShape[] = ['one store, keys indexed', 'a store per table']

/** Compares the outbox as it is (the floor) with other ways to store it, in raw Dexie. */
export async function measureOutboxShapes(bench: Bench, runs: number): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  for (const tables of TABLES) {
    const times: Record<OutboxShape, ShapeTimes[]> = { 'one store': [], 'one store, keys indexed': [], 'a store per table': [] }
    for (let run = 0; run < runs; run++) {
      for (const shape of Object.keys(times) as OutboxShape[]) {
        times[shape].push(await bench.withSubject<ShapeTimes, ShapesSubject>('floor', async subject => await subject.shape(shape, tables), { path: 'shapes' }))
      }
    }
    for (const shape of OTHERS) {
      const compare = (name: string, read: (times: ShapeTimes) => number[]): BenchResult => ({
        name: `${shape}, ${tables} tables: ${name}`, unit: 'ms', floor: median(times['one store'].flatMap(read)), engine: median(times[shape].flatMap(read)),
      })
      results.push(
        compare('write behind a 500 ms transaction on another table', ({ waitBehind }) => waitBehind),
        compare('single write', ({ single }) => single),
        compare('bulk write of 10000', ({ bulk }) => [bulk]),
        compare('look for what is to be sent', ({ look }) => look),
      )
    }
  }
  return results
}
