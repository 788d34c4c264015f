import type { Mutant } from './mutant.ts'
import type { TestRun } from './run-tests.ts'

export interface MutantResult {
  mutant: Mutant
  /** Up to the first that did not turn red. */
  runs: readonly TestRun[]
  seconds: number
}

export function isCaught({ runs }: MutantResult): boolean {
  return runs.every(run => run.kind === 'red')
}

/** A Markdown table, as it stands in docs/testing.md. */
export function formatResults(results: readonly MutantResult[]): string {
  const rows = results.map(({ mutant, runs, seconds }) => [mutant.id, mutant.bug, runs.map(describe).join('; '), seconds.toFixed(1)])
  return [['mutant', 'the bug', 'caught by', 's'], ['---', '---', '---', '---'], ...rows]
    .map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
}

function describe(run: TestRun): string {
  if (run.kind === 'green') return 'NOTHING: IT SURVIVED'
  if (run.kind === 'broken') return `BROKEN: ${run.reason.split('\n')[0]}`
  const file = run.file.replace(/^test\/unit\//, '')
  if (file.startsWith('simulation/') && run.seed) return `simulation, seed ${run.seed}`
  return `\`${file}\` > ${run.test}`
}
