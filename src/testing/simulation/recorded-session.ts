import type { RecordedTransaction } from '../consistency/recorded-history'

/** What is written down of one database of a device, or of the server itself. */
export interface Session {
  name: string
  transactions: RecordedTransaction[]
  /** What the last look saw. */
  view: Map<string, string>
  isConsistent: boolean
  excepted: ReadonlySet<string>
  /** Records whose refused edit was given up, until the device has again what the store has. */
  discarded: Set<string>
  /** Op ids of its edits that are still to be sent, or about which a later edit of the record has told the store nothing yet. By record, oldest first. */
  unsent: Map<string, Set<string>>
  /** Those of them whose transactions are sent in parts, or go together with such. */
  cut: Set<string>
  /** How many walks had ended when the store was restored, until the next one ends: before it the device does not know. Null: it knows. */
  walksBeforeRestore: number | null
}

export function newSession(name: string): Session {
  return { name, transactions: [], view: new Map(), isConsistent: false, excepted: new Set(), discarded: new Set(), unsent: new Map(), walksBeforeRestore: null, cut: new Set() }
}

/** Takes an element, and those before it, out of a set that has it. */
export function dropUntil(set: Set<string> | undefined, last: string): void {
  if (!set?.has(last)) return
  for (const element of set) {
    set.delete(element)
    if (element === last) return
  }
}

export function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every(element => b.has(element))
}
