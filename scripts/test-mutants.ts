import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { applyMutant, checkFit, formatMove, type Move } from './mutants/apply-mutant.ts'
import { copyRepository } from './mutants/copy-repository.ts'
import { MUTANTS } from './mutants/index.ts'
import { hunts, type Mutant } from './mutants/mutant.ts'
import { NOT_APPLICABLE } from './mutants/not-applicable.ts'
import { formatResults, isCaught, type MutantResult } from './mutants/results-table.ts'
import { runTests, type TestRun } from './mutants/run-tests.ts'

/**
 * `npm run test:mutants -- [--only IDS]` puts each known bug back into a copy of the repository, one at a time. It fails unless a test fails
 * for each. `--only pitfall-11,f2` runs the mutants of pitfall 11 and of fault F2.
 */
const { values: options } = parseArgs({ options: { only: { type: 'string' } } })

/** Each lane runs one mutant at a time, in a copy of its own. */
const LANES = 2
/** The time limit for a run of all tests that mutants name, without a mutant, in milliseconds. */
const GREEN_LIMIT_MS = 600_000

async function main(): Promise<boolean> {
  const mutants = choose(options.only)
  const root = fileURLToPath(new URL('..', import.meta.url))
  // Check all mutants first, before the tests take time.
  const { misfits, moves } = checkFit(root, mutants)
  if (misfits.length) throw new Error(`${misfits.length} mutants do not fit the source any more:\n  ${misfits.join('\n  ')}`)
  const copies = Array.from({ length: Math.min(LANES, mutants.length) }, () => copyRepository(root))
  const folders = copies.map(({ folder }) => folder)
  try {
    await checkGreen(folders[0]!, mutants)
    const results = await runAll(folders, mutants)
    return report(results, moves)
  }
  finally {
    for (const copy of copies) copy.remove()
  }
}

function choose(only: string | undefined): readonly Mutant[] {
  const wanted = only?.split(',')
  const chosen = wanted ? MUTANTS.filter(({ id }) => wanted.includes(id) || wanted.includes(id.replace(/-?[a-z]$/, ''))) : MUTANTS
  if (!chosen.length) throw new Error(`--only is "${only}"; the mutants are: ${MUTANTS.map(({ id }) => id).join(', ')}`)
  return chosen
}

async function checkGreen(folder: string, mutants: readonly Mutant[]): Promise<void> {
  const run = await runTests(folder, [...new Set(mutants.flatMap(mutant => hunts(mutant).flat()))], { bail: false, limitMs: GREEN_LIMIT_MS })
  if (run.kind === 'red') throw new Error(`red without any mutant: ${run.file} > ${run.test}\n${run.message}`)
  if (run.kind === 'broken') throw new Error(`broken without any mutant: ${run.reason}`)
  process.stdout.write(`${run.tests} tests are green without a mutant\n`)
}

async function runAll(folders: readonly string[], mutants: readonly Mutant[]): Promise<MutantResult[]> {
  const results = new Map<Mutant, MutantResult>()
  const queue = [...mutants]
  await Promise.all(folders.map(async (folder) => {
    for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
      const result = await hunt(folder, mutant)
      results.set(mutant, result)
      process.stdout.write(`${results.size}/${mutants.length} ${mutant.id} ${isCaught(result) ? 'caught' : 'NOT CAUGHT'} (${result.seconds.toFixed(1)} s)\n`)
    }
  }))
  return mutants.map(mutant => results.get(mutant)!)
}

async function hunt(folder: string, mutant: Mutant): Promise<MutantResult> {
  const startedAt = performance.now()
  const runs: TestRun[] = []
  const restore = applyMutant(folder, mutant)
  for (const files of hunts(mutant)) {
    const run = await runTests(folder, files, { bail: true })
    runs.push(run)
    if (run.kind !== 'red') break
  }
  restore()
  return { mutant, runs, seconds: (performance.now() - startedAt) / 1000 }
}

/** @returns whether every mutant was caught. */
function report(results: readonly MutantResult[], moves: readonly Move[]): boolean {
  const caught = results.filter(isCaught).length
  process.stdout.write(`\n${formatResults(results)}\n\n`)
  for (const { mutant, runs } of results) {
    for (const run of runs) if (run.kind === 'broken') process.stdout.write(`${mutant.id}: ${run.reason}\n`)
  }
  for (const { id, reason } of NOT_APPLICABLE) process.stdout.write(`${id}: not applicable in this version: ${reason}\n`)
  for (const move of moves) process.stdout.write(`${formatMove(move)}\n`)
  process.stdout.write(`\n${caught} of ${results.length} mutants caught\n`)
  return caught === results.length
}

// Print only the message: a stack trace would hide it.
try { if (!await main()) process.exitCode = 1 }
catch (error) {
  process.stderr.write(`${(error as Error).message}\n`)
  process.exitCode = 1
}
