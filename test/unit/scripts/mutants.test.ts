import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { findMisfits } from '../../../scripts/mutants/apply-mutant'
import { MUTANTS } from '../../../scripts/mutants/index'
import type { Mutant } from '../../../scripts/mutants/mutant'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

describe('the mutants', () => {
  it('fit the source as it is: each text that is replaced stands in its file once', () => {
    expect(findMisfits(ROOT, MUTANTS)).toEqual([])
  })

  it('have ids of their own, and tests that exist', () => {
    const ids = MUTANTS.map(({ id }) => id)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
    expect(MUTANTS.flatMap(({ id, tests }) => tests.filter(test => !existsSync(join(ROOT, test))).map(test => `${id}: ${test}`))).toEqual([])
  })

  it('that do not fit are told by name, with what does not', () => {
    const stale: Mutant = { id: 'stale', bug: '-', file: 'package.json', replace: ['no such text', ''], tests: [] }
    expect(findMisfits(ROOT, [stale, { ...stale, id: 'gone', file: 'no-such-file.ts' }])).toEqual([
      'stale: in package.json this text stands 0 times, it must stand there once:\n    no such text',
      'gone: there is no file no-such-file.ts',
    ])
  })
})
