import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleServer } from '../server-process.ts'
import { CASES } from './cases.ts'
import { formatResults } from './format-results.ts'
import type { HostileLine } from './format-results.ts'
import type { HostileCase } from './hostile-case.ts'
import { HostileRun } from './hostile-run.ts'

export interface HostileOptions {
  /** How long each case runs. */
  seconds: number
  /** Ids of the cases to run. Absent: all. */
  only?: readonly string[]
  /** Folder of another checkout to compare with. It is measured first. */
  compare?: string
}

/** How long others may wait at the 99th percentile, in milliseconds. */
const TARGET_MS = 100
/** In these cases pushes may take longer, because the store's file is locked and nobody can write to it. */
const PUSHES_WAIT = new Set(['F39'])

/** Runs the cases and prints how long others had to wait. @returns whether no wait was too long. */
export async function runHostile({ seconds, only, compare }: HostileOptions): Promise<boolean> {
  const cases = CASES.filter(({ id }) => !only || only.includes(id))
  const sources = compare ? ['before', 'now'] : ['now']
  const measured = compare ? [await measure(cases, seconds, compare), await measure(cases, seconds)] : [await measure(cases, seconds)]
  const lines: HostileLine[] = cases.map((hostile, index) => ({ hostile, results: measured.map(results => results[index]!) }))
  process.stdout.write(`${formatResults(lines, sources)}\n`)
  return lines.every(({ hostile, results }) => {
    const { health, push, stallMs } = results.at(-1)!
    return stallMs !== null && health.p99 < TARGET_MS && (PUSHES_WAIT.has(hostile.id) || push.p99 < TARGET_MS)
  })
}

async function measure(cases: readonly HostileCase[], seconds: number, source?: string) {
  const folder = await mkdtemp(join(tmpdir(), 'or3-hostile-'))
  try {
    const run = new HostileRun({ script: await bundleServer(source), folder, seconds })
    const results = []
    for (const hostile of cases) {
      results.push(await run.run(hostile))
      process.stderr.write(`${source ?? 'now'} ${hostile.id}: ${JSON.stringify(results.at(-1))}\n`)
    }
    return results
  }
  finally { await rm(folder, { recursive: true, force: true }) }
}
