import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { bundleForNode } from './bundle.ts'
import { readCount } from './read-count.ts'
import { median } from './statistics.ts'

/**
 * `npm run bench:queries -- [--runs 3] [--rows 100000]` measures queries of pages on SQLite: what they take with an index and without, and what
 * the indexes cost pushes. Prints medians.
 */
const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '3' }, rows: { type: 'string', default: '100000' } } })

async function main(): Promise<void> {
  const { measurePushes, measureQueries } = await import(pathToFileURL(await bundleForNode('bench/measures/page-queries.ts')).href) as typeof import('./measures/page-queries')
  const runs = readCount('runs', options.runs)
  const pushes = new Map<string, number[]>()
  for (let run = 0; run < runs; run++) {
    for (const { name, value } of await measurePushes()) pushes.set(name, [...pushes.get(name) ?? [], value])
  }
  const lines = [...pushes].map(([name, values]) => `${name}: ${median(values).toFixed(0)}`)
  const queries = await measureQueries(readCount('rows', options.rows))
  process.stdout.write(`${[...lines, ...queries.map(({ name, value }) => `${name}: ${value}`)].join('\n')}\n`)
}

await main()
