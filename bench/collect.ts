import type { Bench } from './bench.ts'
import type { RowResult, SubjectValue } from './report/result-file.ts'
import type { Samples } from './samples.ts'
import { percentile } from './statistics.ts'
import type { SubjectName } from './subject-name.ts'
import { type BenchRow, nameOf } from './table.ts'

export interface CollectOptions {
  rounds: number
  /** Beside the engine and the floor: who else takes part in one of these rows. */
  peers: (rows: readonly BenchRow[]) => readonly SubjectName[]
  /** Called before each round of a subject. */
  onStep: (step: string) => void
}

/** Runs one measure for some rows: all subjects in turns, round by round, so that a slow moment of the machine hits all of them. */
export async function collect(bench: Bench, rows: readonly BenchRow[], { rounds, peers, onStep }: CollectOptions): Promise<RowResult[]> {
  const [{ id, measure, floor }] = rows as [BenchRow]
  const subjects: SubjectName[] = [...floor ? ['floor' as const] : [], 'engine', ...floor ? peers(rows) : []]
  const samples = new Map(subjects.map(name => [name, {} as Samples]))
  const errors: RowResult['errors'] = {}
  for (let round = 1; round <= (floor ? rounds : 1); round++) {
    // Who goes first has the emptier caches, so the order turns.
    for (const name of round % 2 ? subjects : subjects.toReversed()) {
      if (errors[name]) continue
      onStep(`${id}: round ${round} of ${floor ? rounds : 1}, ${name}`)
      try {
        await bench.profiles?.begin(`${id}-${name}-${round}`)
        addSamples(samples.get(name)!, await measure(bench, name))
      }
      catch (error) {
        errors[name] = error instanceof Error ? error.message : String(error)
        onStep(`${id}: ${name} FAILED: ${errors[name]}`)
      }
    }
  }
  return rows.map(row => toResult(bench, row, samples, errors))
}

function addSamples(all: Samples, found: Samples): void {
  for (const [key, values] of Object.entries(found)) all[key] = [...all[key] ?? [], ...values]
}

function toResult(bench: Bench, row: BenchRow, samples: Map<SubjectName, Samples>, errors: NonNullable<RowResult['errors']>): RowResult {
  const values: RowResult['values'] = {}
  for (const [name, found] of samples) {
    const of = found[row.reads ?? row.id]
    // A subject that has failed in one round has no value that could be believed.
    if (of && !errors[name]) values[name] = summarize(of, row.statistic)
  }
  return {
    id: row.id, name: nameOf(row, bench.rows), unit: row.unit, values,
    ...row.target && { target: row.target },
    ...row.perRow && { rows: Math.round(bench.rows * row.perRow) },
    ...Object.keys(errors).length > 0 && { errors },
  }
}

function summarize(samples: readonly number[], statistic: BenchRow['statistic']): SubjectValue {
  const fraction = { median: 0.5, p99: 0.99, highest: 1 }[statistic ?? 'median']
  return { value: percentile(samples, fraction), lowest: percentile(samples, 0), highest: percentile(samples, 1), samples: samples.length }
}
