import { compareRevisions, type Revision } from '../../../src/runtime/shared/sync/protocol/revision.ts'
import type { RecordedHistory, RecordedTransaction, RecordedWrite } from './recorded-history.ts'

export interface OrderBreach {
  kind: 'torn' | 'out of order' | 'fell back'
  /** Who saw what, in one sentence. */
  text: string
}

/** A transaction that writes: who made it, and what its author had read or written of all records until then, its own writes included. */
interface Author { session: string, tx: RecordedTransaction, known: Map<string, Revision> }

/**
 * Whether what each device saw, while it was consistent, is whole and in order (contract 7.16 and 7.17): whoever sees a revision of a
 * transaction sees, of each record, at least what the transaction's author had written or read by then. And no device's view ever falls back.
 *
 * Takes time in proportion to revisions read times records.
 */
export function checkOrder({ sessions, excepted }: RecordedHistory): OrderBreach[] {
  const authors = new Map<string, Author>()
  for (const { name, transactions } of sessions) collectAuthors(name, transactions, excepted, authors)
  return sessions.flatMap(({ name, transactions }) => new ReaderCheck(name, authors, excepted).run(transactions))
}

function collectAuthors(session: string, transactions: readonly RecordedTransaction[], excepted: ReadonlySet<string>, authors: Map<string, Author>): void {
  const known = new Map<string, Revision>()
  const learn = (record: string, revision: Revision | null) => {
    if (revision && !excepted.has(revision.opId) && isBelow(known.get(record), revision)) known.set(record, revision)
  }
  for (const tx of transactions) {
    for (const [record, revision] of tx.reads) learn(record, revision)
    for (const { record, revision } of tx.writes) learn(record, revision)
    if (!tx.writes.length) continue
    const author = { session, tx, known: new Map(known) }
    for (const { revision } of tx.writes) authors.set(revision.opId, author)
  }
}

/** Follows what one device sees. */
class ReaderCheck {
  readonly #name: string
  readonly #authors: ReadonlyMap<string, Author>
  readonly #excepted: ReadonlySet<string>
  readonly #view = new Map<string, Revision>()
  readonly #breaches: OrderBreach[] = []
  readonly #told = new Set<string>()

  constructor(name: string, authors: ReadonlyMap<string, Author>, excepted: ReadonlySet<string>) {
    this.#name = name
    this.#authors = authors
    this.#excepted = excepted
  }

  run(transactions: readonly RecordedTransaction[]): OrderBreach[] {
    // Whether nothing of what the device saw so far has been left out.
    let isComplete = false
    for (const tx of transactions) {
      const changed = this.#read(tx)
      // What came while the device was not consistent, or something was in quarantine, is looked at as soon as that is over.
      if (tx.isConsistent && tx.readsAll) for (const record of isComplete ? changed : this.#view.keys()) this.#checkSeen(tx, record)
      if (tx.readsAll) isComplete = tx.isConsistent && tx.excepted.size === 0
      for (const { record, revision } of tx.writes) this.#view.set(record, revision)
    }
    return this.#breaches
  }

  #read({ at, reads }: RecordedTransaction): string[] {
    for (const [record, revision] of reads) {
      const before = this.#view.get(record)
      if (before && !this.#excepted.has(before.opId) && isAbove(before, revision)) this.#tell('fell back', record, `${this.#name} at ${at} reads ${nameOf(record, revision)} after ${nameOf(record, before)}`)
      if (revision) this.#view.set(record, revision)
      else this.#view.delete(record)
    }
    return [...reads.keys()]
  }

  #checkSeen({ at, excepted }: RecordedTransaction, record: string): void {
    const seen = this.#view.get(record)
    const author = seen && !this.#excepted.has(seen.opId) ? this.#authors.get(seen.opId) : undefined
    if (!author || author.session === this.#name) return
    for (const [other, known] of author.known) {
      if (excepted.has(other) || !isBelow(this.#view.get(other), known)) continue
      const own = author.tx.writes.some(write => isWriteOf(write, other, known))
      const text = `${this.#name} at ${at} sees ${nameOf(record, seen!)} of ${author.tx.writes[0]!.label}, but ${nameOf(other, this.#view.get(other) ?? null)} and not ${nameOf(other, known)}, which ${own ? 'the same transaction wrote' : `${author.session} had seen or written before`}`
      this.#tell(own ? 'torn' : 'out of order', `${other} ${known.opId}`, text)
    }
  }

  /** Each breach once: what a device misses, it misses in every later read. */
  #tell(kind: OrderBreach['kind'], key: string, text: string): void {
    if (this.#told.has(`${kind} ${key}`)) return
    this.#told.add(`${kind} ${key}`)
    this.#breaches.push({ kind, text })
  }
}

function isWriteOf({ record, revision }: RecordedWrite, other: string, known: Revision): boolean {
  return record === other && revision.opId === known.opId
}

function isBelow(revision: Revision | undefined, bound: Revision): boolean {
  // Nearly always it is the same object: a history has one for each revision.
  return revision !== bound && (!revision || compareRevisions(revision, bound) < 0)
}

function isAbove(before: Revision, now: Revision | null): boolean {
  return !now || compareRevisions(before, now) > 0
}

function nameOf(record: string, revision: Revision | null): string {
  return revision ? `${record}@${revision.clock} (${revision.opId.slice(0, 8)})` : `no ${record}`
}
