import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { writtenFiles } from '../../../scripts/settings-docs/written-files'
import { count, inWords, size, time } from '../../../scripts/settings-docs/in-words'
import { statedInSource, statedInTables } from '../../../scripts/settings-docs/stated-elsewhere'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

describe('what is declared of settings and limits', () => {
  it.each([...writtenFiles()])('is what %s says; else run `npm run docs:settings`', (file, text) => {
    expect(read(file)).toBe(text)
  })

  it.each(statedInTables())('stands in the tables of docs/%s: %s %s', (page, line, ...figures) => {
    const lines = read(`docs/${page}`).split('\n').filter(each => each.startsWith('|') && each.includes(line))
    expect(lines.filter(each => figures.every(figure => each.includes(figure))), lines.join('\n')).not.toEqual([])
  })

  it.each(statedInSource())('stands in a docstring of %s: %s', (file, text) => {
    expect(read(file)).toContain(text)
  })
})

describe('numbers in words', () => {
  it('stand in the largest unit in which they are whole', () => {
    expect([time(250), time(90_000), time(120_000), time(7 * 24 * 3_600_000), size(512 * 1024), size(1_500), count(10_000)])
      .toEqual(['250 ms', '90 s', '2 min', '7 days', '512 KiB', '1,500 bytes', '10,000'])
  })

  it('stand in the unit that is asked for, or not at all', () => {
    expect([time(60_000, 's'), inWords(16 * 2 ** 20, 'bytes'), inWords(15_000, 'milliseconds'), inWords(64, undefined)]).toEqual(['60 s', '16 MiB', '15 s', '64'])
    expect(() => time(90_000, 'min')).toThrow('90000 is no whole number of min')
  })
})
