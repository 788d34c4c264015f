import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { readExports } from '../../../scripts/reference-docs/read-exports'
import { ENTRIES, referencePage } from '../../../scripts/reference-docs/reference-page'

describe('docs/reference.md', () => {
  it('is what the package exports; else run `npm run docs:reference`', () => {
    expect(readFileSync(new URL('../../../docs/reference.md', import.meta.url), 'utf8')).toBe(referencePage())
  })

  it('says something about everything that an app calls', () => {
    const silent = [...readExports(ENTRIES.map(({ file }) => file))].flatMap(([file, names]) => names.filter(({ about }) => !about).map(({ name }) => `${file}: ${name}`))
    expect(silent).toEqual([])
  })
})
