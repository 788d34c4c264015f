import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const FOLDER = 'scripts/sim-coverage'

/** `npm run sim -- --coverage` counts branches that no history took, or leaves some out. */
export const SIM_COVERAGE: readonly Mutant[] = [
  ...inFile(`${FOLDER}/taken-branches.ts`, ['test/unit/scripts/sim-coverage/taken-branches.test.ts'], [
    {
      id: 'sim-coverage-a', bug: 'a missing else counts as taken when the if ran',
      replace: ['counts.get(of)! > counts.get(at)!', 'counts.get(of)! > 0'],
    },
    {
      id: 'sim-coverage-b', bug: 'what follows a block has the count of the block',
      replace: ['open.at(-1)!.endOffset <= offset', 'open.at(-1)!.endOffset < offset - 10'],
    },
  ]),
  ...inFile(`${FOLDER}/branches-of-code.ts`, ['test/unit/scripts/sim-coverage/taken-branches.test.ts'], [
    {
      id: 'sim-coverage-c', bug: 'in a chain of operators, the left side of the second one counts as decided when only the first one decided',
      replace: ['const before = isChain ? left.right : left', 'const before = left'],
    },
    {
      id: 'sim-coverage-d', bug: 'an if that waits for ever counts as not taken',
      replace: ['at: then.at, of: node.expression.end', 'at: then.at, of: node.getStart(file)'],
    },
  ]),
  {
    id: 'sim-coverage-e', bug: 'the chosen seeds do not take all branches',
    file: `${FOLDER}/choose-seeds.ts`,
    replace: ['while (missing.size)', 'while (missing.size > 1)'],
    tests: ['test/unit/scripts/sim-coverage/coverage-report.test.ts'],
  },
  {
    id: 'sim-coverage-f', bug: 'a file that the bundle does not hold is left out without a word',
    file: `${FOLDER}/source-branches.ts`,
    replace: ['if (missing.length) throw', 'if (missing.length > 1) throw'],
    tests: ['test/unit/scripts/sim-coverage/source-branches.test.ts'],
  },
]
