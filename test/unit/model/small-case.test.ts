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
  it.each(Object.entries(SMALL_CASES))('holds in every state of: %s', exploreAndPrint, PATIENCE_MS)

  it.runIf(process.env.OR3_SMALL_CASE === 'all').each(Object.entries(LARGER_CASES))('holds in every state of: %s', exploreAndPrint, PATIENCE_MS)

  it.each(MODEL_MUTANTS)('is broken where $bug', ({ rules, within, breaks }) => {
    const { failure } = explore(SMALL_CASES[within], { ...REAL_RULES, ...rules })
    expect(failure?.problem).toMatch(breaks)
    expect(failure!.trace.length).toBeGreaterThan(1)
  }, PATIENCE_MS)
})
