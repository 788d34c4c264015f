import type { Budget } from './contract-state'
import type { Write } from './device-edits'

/** What may happen in a small case. */
export interface SmallCase extends Budget {
  /** The transactions that a device may make. */
  transactions: readonly (readonly Write[])[]
  /** `groups`: a batch holds as few groups as the rules allow. `all`: it holds everything that is due. */
  batches: 'groups' | 'all'
  /** The devices begin with their first sync. Else they are level with the empty store. */
  firstSync: boolean
}

const put = (record: 0 | 1): Write => ({ record, op: 'put' })
const remove = (record: 0 | 1): Write => ({ record, op: 'delete' })

const [A, B, BOTH] = [[put(0)], [put(1)], [put(0), put(1)]]
const [NOT_A, B_FOR_A] = [[remove(0)], [remove(0), put(1)]]
const PLAIN: SmallCase = { edits: [1, 1], crashes: 0, losses: 0, collections: 0, rescans: 0, restores: 0, transactions: [BOTH, B_FOR_A], batches: 'groups', firstSync: false }

/** Explored by every `npm test`. */
export const CONTRACT_CASES = {
  'three transactions of puts': { ...PLAIN, edits: [2, 1], transactions: [A, BOTH] },
  'two transactions, a lost answer, a crash': { ...PLAIN, losses: 1, crashes: 1 },
  'two transactions, two crashes': { ...PLAIN, crashes: 2, transactions: [BOTH] },
  'two transactions, first syncs and GC': { ...PLAIN, firstSync: true, collections: 1 },
  'two transactions of one device, a rescan and GC': { ...PLAIN, edits: [2, 0], collections: 1, rescans: 1 },
  'one transaction and a restore': { ...PLAIN, edits: [1, 0], restores: 1, transactions: [BOTH] },
} satisfies Record<string, SmallCase>

/** Explored where `OR3_SMALL_CASE=all` is set. */
export const LARGER_CONTRACT_CASES = {
  'three transactions with deletes': { ...PLAIN, edits: [2, 1] },
  'three transactions and a rescan': { ...PLAIN, edits: [2, 1], rescans: 1, transactions: [A, B_FOR_A] },
  'two transactions of one device, a restore with deletes': { ...PLAIN, edits: [2, 0], restores: 1 },
  'two transactions of two devices, and a restore': { ...PLAIN, restores: 1, transactions: [BOTH] },
} satisfies Record<string, SmallCase>

/** More may happen than can be explored: traces are chosen from these, and replayed on the real engine. */
export const REPLAYED_CASES: readonly SmallCase[] = [
  { ...PLAIN, edits: [2, 2], transactions: [A, B, BOTH, NOT_A, B_FOR_A], losses: 2, crashes: 2 },
  { ...PLAIN, edits: [2, 2], transactions: [A, B, BOTH, NOT_A, B_FOR_A], losses: 2, batches: 'all' },
  { ...PLAIN, edits: [2, 2], transactions: [A, B, BOTH, NOT_A, B_FOR_A], losses: 1, crashes: 1, firstSync: true, collections: 2 },
  { ...PLAIN, edits: [2, 2], transactions: [A, B, BOTH, NOT_A, B_FOR_A], losses: 1, crashes: 1, collections: 2, rescans: 1 },
  { ...PLAIN, edits: [2, 2], transactions: [A, B, BOTH, NOT_A, B_FOR_A], losses: 1, crashes: 1, collections: 1, rescans: 1, restores: 1 },
]
