import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { checkFit, formatMove } from '../../../scripts/mutants/apply-mutant'
import { MUTANTS } from '../../../scripts/mutants/index'
import type { Mutant } from '../../../scripts/mutants/mutant'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

describe('the mutants', () => {
  it('fit the source as it is: each text that is replaced stands in its file once', () => {
    const { misfits, moves } = checkFit(ROOT, MUTANTS)
    // A hint: such a mutant works, and should name its file when somebody passes by.
    for (const move of moves) process.stdout.write(`${formatMove(move)}\n`)
    expect(misfits).toEqual([])
  })

  it('have ids of their own, and tests that exist', () => {
    const ids = MUTANTS.map(({ id }) => id)
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([])
    expect(MUTANTS.flatMap(({ id, tests }) => tests.filter(test => !existsSync(join(ROOT, test))).map(test => `${id}: ${test}`))).toEqual([])
  })

  it('that do not fit are told by name, with what does not', () => {
    const stale: Mutant = { id: 'stale', bug: '-', file: 'package.json', replace: ['no such text', ''], tests: [] }
    expect(checkFit(ROOT, [stale, { ...stale, id: 'gone', file: 'no-such-file.ts' }]).misfits).toEqual([
      'stale: in package.json this text stands 0 times, it must stand there once:\n    no such text',
      'gone: there is no file no-such-file.ts',
    ])
  })
})
