import { describe, expect, it } from 'vitest'
import { DOCTORED_MODELS } from '../../model/contract/doctored-rules'
import { exploreContract } from '../../model/contract/explore-contract'
import { CONTRACT_RULES } from '../../model/contract/rules'
import { CONTRACT_CASES, LARGER_CONTRACT_CASES, type SmallCase } from '../../model/contract/small-contract-case'

/** The cases take seconds alone; a busy machine, and the larger ones, much more. */
const PATIENCE_MS = 30 * 60_000

function exploreAndPrint(name: string, small: SmallCase): void {
  const { states, transitions, rests, failure } = exploreContract(small)
  console.log(`${name}: ${states} states, ${transitions} transitions, ${rests} of them at rest`)
  expect(failure).toBeNull()
  expect(rests).toBeGreaterThan(1)
}

describe('the model of the contract: two devices, two records, pages of one change', () => {
  const cases = process.env.OR3_SMALL_CASE === 'all' ? { ...CONTRACT_CASES, ...LARGER_CONTRACT_CASES } : CONTRACT_CASES
  it.each(Object.entries<SmallCase>(cases))('holds in every state of: %s', exploreAndPrint, PATIENCE_MS)

  it.each(DOCTORED_MODELS)('is broken where $bug', ({ breaks, within, but, violates }) => {
    const { failure } = exploreContract({ ...CONTRACT_CASES[within], ...but }, { ...CONTRACT_RULES, [breaks]: false })
    console.log([`${breaks}: ${failure?.problem ?? 'nothing found'}`, ...failure?.trace ?? []].join('\n  '))
    expect(failure?.problem).toMatch(violates)
  }, PATIENCE_MS)
})
