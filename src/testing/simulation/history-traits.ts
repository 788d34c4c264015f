import type { FaultRates } from './fault-rates'
import { SeededRandom } from './seeded-random'

/** What is special in a history from its first step to its last. */
export interface HistoryTraits {
  /** Some rows are of a kind that one version of the app or the store does not take, or that one version keeps on its device: `OddFields`. */
  oddRows: boolean
  /** The answers to pushes say no more than a provider has to say. */
  terseAnswers: boolean
  /** Some pages hold a malformed change. */
  strangeChanges: boolean
  /** The store forgets deleted records after `PURGE_DAYS`. */
  purge: boolean
}

/** A device may be away for longer than this. It is longer than the store remembers a device. */
export const PURGE_DAYS = 35

/** Decides by the seed what is special in a history. Draws nothing that other parts of the history draw. */
export function traitsOf(seed: number, { oddRows, terseAnswers, strangeChanges, purge }: FaultRates): HistoryTraits {
  const random = SeededRandom.of(seed, -4)
  const [first, second, third, fourth] = [random.next(), random.next(), random.next(), random.next()]
  return { oddRows: first < oddRows, terseAnswers: second < terseAnswers, strangeChanges: third < strangeChanges, purge: fourth < purge }
}
