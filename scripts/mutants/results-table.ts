import type { Mutant } from './mutant.ts'
import type { TestRun } from './run-tests.ts'

export interface MutantResult {
  mutant: Mutant
  /** The test runs, up to the first that did not fail. */
  runs: readonly TestRun[]
  seconds: number
}

export function isCaught({ runs }: MutantResult): boolean {
  return runs.every(run => run.kind === 'red')
}

/** The Markdown table in docs/testing.md. */
export function formatResults(results: readonly MutantResult[]): string {
  const rows = results.map(({ mutant, runs }) => [mutant.id.replace(/^pitfall-/, ''), mutant.bug, runs.map(describe).join('; ')])
  return [['mutant', 'the bug, put back', 'caught by'], ['---', '---', '---'], ...rows]
    .map(cells => `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n')
}

function describe(run: TestRun): string {
  if (run.kind === 'green') return 'NOTHING: IT SURVIVED'
  if (run.kind === 'broken') return `BROKEN: ${run.reason.split('\n')[0]}`
  const file = run.file.replace(/^test\/unit\//, '')
  if (file.startsWith('simulation/') && run.seed) return `simulation, seed ${run.seed}`
  return `\`${file}\` > ${visible(run.test)}`
}

/** Makes control characters visible. The name of a test may contain the character that it tests. */
function visible(text: string): string {
  return text.replace(/\p{Cc}/gu, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
