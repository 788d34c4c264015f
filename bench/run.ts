import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { Bench } from './bench.ts'
import { IDB_STORES, type IdbStore } from './browser.ts'
import { collect } from './collect.ts'
import { installPeers, LIBRARIES } from './peers/libraries.ts'
import { ProfileKeeper } from './profile/profile-keeper.ts'
import { readCount } from './read-count.ts'
import { currentCommit, describeMachine } from './report/machine.ts'
import { formatPeers, formatTable } from './report/markdown.ts'
import type { ResultFile } from './report/result-file.ts'
import { PEERS } from './subject-name.ts'
import { type BenchRow, TABLE } from './table.ts'

/**
 * `npm run bench -- [--runs 5] [--rows 10000] [--only ROW[,ROW]] [--idb leveldb|sqlite] [--json FILE] [--peers] [--profile]`
 *
 * Measures every row of `table.ts`: the engine beside a floor (the least code that could do the same), in real Chromium, in turns. Prints a table in
 * Markdown, and keeps the results in `bench/results/<date>-<commit>.json`, whose name also says what was special. `--peers` also measures other libraries. `--profile` keeps CPU
 * profiles and counts of IndexedDB in `bench/results/profiles`; its figures are slower, and are kept only where `--json` says.
 * Exit code 1 when something failed or a count was wrong. It does not say whether targets are reached.
 */
const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    rows: { type: 'string', default: '10000' },
    only: { type: 'string' },
    idb: { type: 'string', default: 'leveldb' },
    json: { type: 'string' },
    peers: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
})

const RESULTS = join(import.meta.dirname, 'results')

async function main(): Promise<boolean> {
  const rounds = readCount('runs', options.runs)
  const rows = readCount('rows', options.rows)
  const chosen = readRows(options.only)
  if (options.peers) installPeers()
  const startedAt = Date.now()
  const file: ResultFile = {
    at: new Date(startedAt).toISOString(), commit: currentCommit(), command: `npm run bench -- ${process.argv.slice(2).join(' ')}`.trim(),
    machine: await describeMachine(), idb: readStore(options.idb), rounds, rows, isComplete: false, seconds: 0, results: [],
  }
  const bench = await Bench.start({ rows, idb: file.idb, withPeers: options.peers, ...options.profile && { profiles: new ProfileKeeper(join(RESULTS, 'profiles')) } })
  try {
    for (const group of Map.groupBy(chosen, ({ measure }) => measure).values()) {
      const found = await collect(bench, group, { rounds, peers: those => options.peers ? PEERS.filter(name => those.some(({ id }) => LIBRARIES[name].rows.includes(id))) : [], onStep: step => process.stdout.write(`${step}\n`) })
      file.results.push(...found)
      file.isComplete = file.results.length === TABLE.length
      file.seconds = Math.round((Date.now() - startedAt) / 1_000)
      await keep(file, chosen.length < TABLE.length)
    }
  }
  finally { await bench.stop() }
  process.stdout.write(`\n${formatTable([file])}\n${options.peers ? `\n${formatPeers(file)}\n` : ''}`)
  return file.results.every(({ errors }) => !errors)
}

/** Writes what is known so far, so that a run that breaks off is not lost. */
async function keep(file: ResultFile, isPart: boolean): Promise<void> {
  if (options.profile && !options.json) return
  const marks = [file.at.slice(0, 10), file.commit, file.idb === 'sqlite' && 'sqlite', options.peers && 'peers', isPart && 'part']
  const path = options.json ?? join(RESULTS, `${marks.filter(Boolean).join('-')}.json`)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `${JSON.stringify(file, null, 2)}\n`)
}

function readRows(only: string | undefined): readonly BenchRow[] {
  if (only === undefined) return TABLE
  const ids = only.split(',')
  const unknown = ids.filter(id => TABLE.every(row => row.id !== id))
  if (unknown.length > 0) throw new Error(`--only names ${unknown.join(', ')}; the rows are ${TABLE.map(({ id }) => id).join(', ')}`)
  return TABLE.filter(({ id }) => ids.includes(id))
}

function readStore(name: string): IdbStore {
  const store = IDB_STORES.find(each => each === name)
  if (!store) throw new Error(`--idb is "${name}"; give leveldb or sqlite`)
  return store
}

process.exitCode = await main() ? 0 : 1
