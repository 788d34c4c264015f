import { expect, it } from 'vitest'
import { inFile } from '../../../scripts/mutants/in-file'

it('the mutants of one file share its path and tests; one may have tests of its own', () => {
  expect(inFile('src/a.ts', ['a.test.ts'], [
    { id: 'a', bug: 'first', replace: ['x', 'y'] },
    { id: 'b', bug: 'second', replace: ['y', 'z'], tests: ['b.test.ts'], simulated: true },
  ])).toEqual([
    { id: 'a', bug: 'first', file: 'src/a.ts', replace: ['x', 'y'], tests: ['a.test.ts'] },
    { id: 'b', bug: 'second', file: 'src/a.ts', replace: ['y', 'z'], tests: ['b.test.ts'], simulated: true },
  ])
})
