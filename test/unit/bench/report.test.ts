import { describe, expect, it } from 'vitest'
import { drawChart } from '../../../bench/report/chart'
import { isMet, ratioOf } from '../../../bench/report/judge'
import { formatTable } from '../../../bench/report/markdown'
import { LIBRARIES } from '../../../bench/peers/libraries'
import type { ResultFile, RowResult } from '../../../bench/report/result-file'
import { nameOf, TABLE } from '../../../bench/table'

const of = (value: number) => ({ value, lowest: value, highest: value, samples: 1 })
const row = (floor: number | undefined, engine: number, more: Partial<RowResult> = {}): RowResult =>
  ({ id: 'a', name: 'a row', unit: 'ms', values: { ...floor !== undefined && { floor: of(floor) }, engine: of(engine) }, ...more })

function file(results: RowResult[], idb: ResultFile['idb'] = 'leveldb'): ResultFile {
  const machine = { cpu: 'a cpu', cores: 2, memoryGiB: 8, node: '24', chromium: '156', loadBefore: 0 }
  return { at: '2026-11-28T00:00:00Z', commit: 'abc', command: 'npm run bench --', machine, idb, rounds: 1, rows: 10_000, isComplete: true, seconds: 60, results }
}

describe('the report of the benchmark', () => {
  it('compares costs: fewer edits a second cost more', () => {
    expect(ratioOf(row(10, 25))).toBe(2.5)
    expect(ratioOf(row(30_000, 10_000, { unit: 'ops/s' }))).toBe(3)
    expect(ratioOf(row(undefined, 5))).toBeUndefined()
  })

  it('says whether a target is met, of each kind', () => {
    const [met, missed] = [
      [row(10, 20, { target: { ratio: 2 } }), row(undefined, 5, { target: { atMost: 5 } }), row(1, 9, { target: { atLeast: 9 } })],
      [row(10, 20.1, { target: { ratio: 2 } }), row(undefined, 5.1, { target: { atMost: 5 } }), row(1, 8, { target: { atLeast: 9 } })],
    ]
    for (const each of met) expect(isMet(each, [])).toBe(true)
    for (const each of missed) expect(isMet(each, [])).toBe(false)
    const other = row(1, 10)
    expect(isMet(row(1, 12, { id: 'b', target: { times: 1.2, row: 'a' } }), [other])).toBe(true)
    expect(isMet(row(1, 13, { id: 'b', target: { times: 1.2, row: 'a' } }), [other])).toBe(false)
    expect(isMet(row(1, 2), [])).toBeUndefined()
  })

  it('shows a failed subject as failed, and both ways of storing side by side', () => {
    const failed = row(10, 20, { errors: { engine: 'lost a row' } })
    const table = formatTable([file([row(10, 20, { target: { ratio: 2 }, rows: 1_000 })]), file([failed], 'sqlite')])
    expect(table).toContain('| LevelDB: floor | or3-sync | ratio | SQLite: floor | or3-sync | ratio | target |')
    expect(table).toContain('20 ms, 20 µs a row')
    expect(table).toContain('failed')
  })

  it('draws a bar for each row that has a target as a ratio, cut where it would be too long', () => {
    const chart = drawChart([file([row(1, 2, { target: { ratio: 2 } }), row(1, 100, { id: 'b', target: { ratio: 2 } }), row(1, 3, { target: { atMost: 9 } })])])
    expect(chart.match(/<line class="target"/g)).toHaveLength(2)
    expect(chart).toContain('>100.00<')
    expect(Math.max(...[...chart.matchAll(/width="([\d.]+)" height="18"/g)].map(([, width]) => Number(width)))).toBeLessThan(400)
  })

  it('has a table without two rows of the same name', () => {
    const names = TABLE.map(({ id }) => id)
    expect(new Set(names).size).toBe(names.length)
    const unknown = Object.values(LIBRARIES).flatMap(({ rows }) => rows).filter(id => !names.includes(id))
    expect(unknown).toEqual([])
    expect(nameOf({ name: '{small} and {large}' }, 10_000)).toBe('1,000 and 100,000')
  })
})
