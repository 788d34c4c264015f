import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { IDB_STORES } from './browser.ts'
import { drawChart } from './report/chart.ts'
import { describeRuns, formatDifferences, formatMethods, formatPeers, formatTable } from './report/markdown.ts'
import type { ResultFile } from './report/result-file.ts'
import { TABLE } from './table.ts'

/**
 * `npm run bench:docs [-- FILE...]` writes the tables of `docs/benchmarks.md` between their markers, and `docs/images/benchmarks.svg`. Without files it
 * takes, for each way of storing IndexedDB, the newest complete run in `bench/results`. The list of what is measured is written in any case.
 */
const ROOT = join(import.meta.dirname, '..')
const RESULTS = join(ROOT, 'bench/results')
const PAGE = join(ROOT, 'docs/benchmarks.md')

async function main(): Promise<void> {
  const named = process.argv.slice(2)
  const runs = named.length > 0 ? await Promise.all(named.map(readResults)) : await completeRuns()
  // Newest first.
  runs.sort((a, b) => b.at.localeCompare(a.at))
  const files = IDB_STORES.flatMap(store => runs.find(({ idb }) => idb === store) ?? [])
  let page = between(await readFile(PAGE, 'utf8'), 'rows', formatMethods(TABLE))
  if (files.length === 0) process.stdout.write('bench/results has no complete run: the figures stay as they are\n')
  const withPeers = runs.find(({ results }) => results.some(({ values }) => Object.keys(values).some(name => name !== 'floor' && name !== 'engine')))
  if (files.length > 0) {
    page = between(page, 'figures', `${describeRuns(files)}\n\n${formatTable(files)}\n\n![How many times the floor's cost each row has, and its target](./images/benchmarks.svg)`)
    await writeFile(join(ROOT, 'docs/images/benchmarks.svg'), drawChart(files))
  }
  if (withPeers) page = between(page, 'peers', `${describeRuns([withPeers])}\n\n${formatPeers(withPeers)}\n\n${formatDifferences()}`)
  await writeFile(PAGE, page)
}

async function completeRuns(): Promise<ResultFile[]> {
  const names = (await readdir(RESULTS).catch(() => [])).filter(name => name.endsWith('.json'))
  const runs = await Promise.all(names.map(name => readResults(join(RESULTS, name))))
  return runs.filter(({ isComplete }) => isComplete)
}

async function readResults(path: string): Promise<ResultFile> {
  return JSON.parse(await readFile(path, 'utf8')) as ResultFile
}

/** Replaces what stands between `<!-- bench:NAME -->` and `<!-- bench:NAME end -->`. */
function between(page: string, name: string, content: string): string {
  const [start, end] = [`<!-- bench:${name} -->`, `<!-- bench:${name} end -->`]
  const [from, to] = [page.indexOf(start), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no "${start}" … "${end}"`)
  return `${page.slice(0, from + start.length)}\n${content}\n${page.slice(to)}`
}

await main()
