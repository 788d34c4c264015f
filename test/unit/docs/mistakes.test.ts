import { existsSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

const ROOT = new URL('../../../', import.meta.url).pathname
const rows = readFileSync(`${ROOT}docs/mistakes.md`, 'utf8').split('\n').filter(line => /^\| (?!mistake)/.test(line))

/** Each row has four cells; the last one names tests. */
const testsOf = (row: string) => [...row.split(' | ').at(-1)!.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)

it('each mistake of docs/mistakes.md names the tests that keep it', () => {
  expect(rows.length).toBeGreaterThanOrEqual(25)
  for (const row of rows) {
    expect(row.split(' | '), row).toHaveLength(4)
    expect(testsOf(row), row).not.toEqual([])
  }
  expect(rows.flatMap(testsOf).filter(name => !existsSync(`${ROOT}test/${name}`))).toEqual([])
})
