import { beforeAll, describe, expect, it } from 'vitest'
import { checkTypes, type TypeProblem } from '../../support/check-docs-types'
import { docsBlocks, testedFiles } from '../../support/docs-blocks'

const MINUTE = 60_000
/** Pages about the inside, and of those who work on it. */
const INTERNALS = ['architecture.md', 'dependencies.md', 'releasing.md']
const blocks = docsBlocks().filter(({ page }) => !INTERNALS.includes(page))
const tested = testedFiles()
const isTested = (text: string) => tested.has(text) || tested.has(text.slice(text.indexOf('\n') + 1))
const unchecked = blocks.filter(({ uncheckedBecause }) => uncheckedBecause)
const toCheck = blocks.filter(({ text, uncheckedBecause }) => !uncheckedBecause && !isTested(text))
const beside = blocks.filter(({ text, path }) => path && isTested(text))

/** A block that must be found to be wrong: nothing is checked where this one passes. */
const WRONG = { page: 'wrong.md', line: 10, language: 'ts', text: 'const list = useLiveQuery(q => q.todos.where(\'no_index\').equals(\'x\'))\nlist.value = 5\n' } as const

describe('the TypeScript and Vue blocks of the docs', () => {
  let problems: TypeProblem[]
  beforeAll(async () => { problems = await checkTypes([...toCheck, WRONG], beside) }, 5 * MINUTE)

  it('have the types that an app sees', () => {
    expect(problems.filter(({ page }) => page !== WRONG.page).map(({ page, line, message }) => `docs/${page}:${line}: ${message}`)).toEqual([])
  })

  it('would be found if they had not', () => {
    expect(problems.filter(({ page }) => page === WRONG.page).map(({ line }) => line)).toEqual([10, 11])
  })

  it('are checked but for a few, which say why', () => {
    expect(unchecked.map(({ page, uncheckedBecause }) => `${page}: ${uncheckedBecause}`)).toEqual([
      'convex-functions.md: it imports what Convex generates',
      'guides/testing-your-app.md: Playwright\'s test runner is not installed in this repository',
    ])
    expect(toCheck.length).toBeGreaterThan(40)
  })
})
