import { describe, expect, it } from 'vitest'
import { explore } from '../../model/explore'
import { MODEL_MUTANTS } from '../../model/model-mutants'
import { REAL_RULES } from '../../model/small-case-rules'
import { LARGER_CASES, SMALL_CASES } from '../../model/small-cases'
import type { SmallCaseOptions } from '../../model/transitions'

/** The small cases take seconds alone; a busy machine, and the larger ones, much more. */
const PATIENCE_MS = 30 * 60_000

function exploreAndPrint(name: string, options: SmallCaseOptions): void {
  const { states, transitions, rests, failure } = explore(options)
  console.log(`${name}: ${states} states, ${transitions} transitions, ${rests} of them at rest`)
  expect(failure).toBeNull()
  expect(rests).toBeGreaterThan(1)
}

describe('the small case: two devices, one record', () => {
  const cases = process.env.OR3_SMALL_CASE === 'all' ? { ...SMALL_CASES, ...LARGER_CASES } : SMALL_CASES
  it.each(Object.entries(cases))('holds in every state of: %s', exploreAndPrint, PATIENCE_MS)

  it.each(MODEL_MUTANTS)('is broken where $bug', ({ rules, within, breaks }) => {
    const { failure } = explore(SMALL_CASES[within], { ...REAL_RULES, ...rules })
    expect(failure?.problem).toMatch(breaks)
    expect(failure!.trace.length).toBeGreaterThan(1)
  }, PATIENCE_MS)
})
