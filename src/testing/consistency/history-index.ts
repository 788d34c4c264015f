import { compareRevisions, type Revision } from '#or3-sync/shared/sync/protocol/revision'
import type { RecordedHistory, RecordedSession, RecordedTransaction } from './recorded-history'

/** Who saw what the store committed. */
export const STORE = 'the store'

/** A write of a transaction, by numbers. */
export interface IndexedWrite { record: number, rank: number }

/** A transaction of a session. */
export interface TransactionNode {
  session: number
  tx: RecordedTransaction
  /** `<session> #<number>`, numbers from 1. */
  name: string
  reads: readonly IndexedWrite[]
  /** The last write of each record. */
  writes: readonly IndexedWrite[]
  /** For a transaction that writes: the highest rank of each record that its author knew before. Null: not worked out yet. */
  frontier: Int32Array | null
}

interface IndexedRevision {
  revision: Revision
  /** The transaction that wrote it. Absent: none did. */
  author?: TransactionNode
  isIntermediate: boolean
  isDelete: boolean
  isExcepted: boolean
  label: string
  /** When the store committed it. Infinity: never. -Infinity: nobody knows, as no commits are given. */
  committedAt: number
}

interface IndexedRecord {
  name: string
  /** By rank. Rank 0 stands for no revision. */
  byRank: (IndexedRevision | null)[]
  /** By op id, which a record has under one revision only. */
  ranks: Map<string, number>
}

/**
 * Numbers for everything in a history: records from 0, and the revisions of each record from 1 in their order (their rank). Comparing two
 * revisions is then comparing two numbers, and what somebody knows of all records is one array of numbers.
 */
export class HistoryIndex {
  readonly records: IndexedRecord[] = []
  /** The transactions of each session. The store's commits come last, as what a session `the store` has read. */
  readonly sessions: TransactionNode[][]
  readonly #numbers = new Map<string, number>()

  constructor(private readonly history: RecordedHistory) {
    const sessions = [...history.sessions, storeSession(history)]
    this.#collect(sessions)
    for (const record of this.records) rank(record)
    this.sessions = sessions.map(({ name, transactions }, session) => transactions.map((tx, index): TransactionNode => ({
      session, tx, name: `${name} #${index + 1}`, frontier: null,
      reads: Array.from(tx.reads, ([name, revision]) => this.at(name, revision)),
      writes: this.#lastWrites(tx),
    })))
    for (const nodes of this.sessions) for (const node of nodes) this.#author(node)
    for (const { at, applied, isRestore } of history.commits ?? []) {
      if (isRestore) continue
      for (const { record, revision, isDelete } of applied) {
        const entry = this.entry(this.at(record, revision))
        if (!entry) continue
        entry.committedAt = Math.min(entry.committedAt, at)
        entry.isDelete ||= isDelete === true
      }
    }
  }

  at(record: string, revision: Revision | null): IndexedWrite {
    const number = this.#numbers.get(record)!
    return { record: number, rank: revision ? this.records[number]!.ranks.get(revision.opId)! : 0 }
  }

  entry({ record, rank }: IndexedWrite): IndexedRevision | null {
    return this.records[record]!.byRank[rank]!
  }

  /** The transaction that wrote a revision, if something is promised of the revision. */
  promisedBy(write: IndexedWrite): TransactionNode | undefined {
    const entry = this.entry(write)
    return entry && !entry.isExcepted ? entry.author : undefined
  }

  /** Whether the revision is a delete, or one that came above it was, and the store had it by this time. Whoever then has no record may have seen that. */
  isDeletedAbove({ record, rank }: IndexedWrite, at: number): boolean {
    const { byRank } = this.records[record]!
    if (byRank[rank]?.isDelete) return true
    return byRank.some((entry, above) => entry !== null && above > rank && entry.isDelete && entry.committedAt <= at)
  }

  /** A revision as reports call it: `todos/a@2 (e5)`. */
  name(write: IndexedWrite): string {
    const entry = this.entry(write)
    const { name } = this.records[write.record]!
    return entry ? `${name}@${entry.revision.clock} (${entry.isDelete ? 'deleted by ' : ''}${entry.label})` : `no ${name}`
  }

  #collect(sessions: readonly RecordedSession[]): void {
    for (const { transactions } of sessions) {
      for (const { reads, writes } of transactions) {
        for (const [record, revision] of reads) this.#add(record, revision)
        for (const { record, revision } of writes) this.#add(record, revision)
      }
    }
    for (const { applied } of this.history.commits ?? []) for (const { record, replaced } of applied) this.#add(record, replaced)
  }

  #add(name: string, revision: Revision | null): void {
    let number = this.#numbers.get(name)
    if (number === undefined) {
      this.#numbers.set(name, number = this.records.length)
      this.records.push({ name, byRank: [null], ranks: new Map() })
    }
    const { byRank, ranks } = this.records[number]!
    if (!revision || ranks.has(revision.opId)) return
    ranks.set(revision.opId, 0)
    byRank.push({
      revision, isIntermediate: false, isDelete: false, isExcepted: this.history.excepted?.has(revision.opId) === true, label: revision.opId.slice(0, 8), committedAt: this.history.commits ? Infinity : -Infinity,
    })
  }

  #lastWrites({ writes }: RecordedTransaction): IndexedWrite[] {
    const last = new Map(writes.map(write => [write.record, write]))
    return Array.from(last.values(), ({ record, revision }) => this.at(record, revision))
  }

  #author(node: TransactionNode): void {
    for (const { record, revision, isDelete, label } of node.tx.writes) {
      const write = this.at(record, revision)
      const entry = this.entry(write)!
      if (entry.author) continue
      entry.author = node
      entry.isDelete = isDelete === true
      entry.isIntermediate = !node.writes.some(last => last.record === write.record && last.rank === write.rank)
      if (label !== undefined) entry.label = label
    }
  }
}

/** Sorts the revisions of a record and gives them their ranks. */
function rank({ byRank, ranks }: IndexedRecord): void {
  const sorted = (byRank.slice(1) as IndexedRevision[]).sort((a, b) => compareRevisions(a.revision, b.revision))
  sorted.forEach((entry, index) => {
    byRank[index + 1] = entry
    ranks.set(entry.revision.opId, index + 1)
  })
}

/** The store is a reader, too: after each commit it shows all that it has. */
function storeSession({ commits = [] }: RecordedHistory): RecordedSession {
  return {
    name: STORE,
    transactions: commits.map(({ at, applied }) => ({
      at, isConsistent: true, readsAll: true, writes: [], reads: new Map(applied.map(({ record, revision }) => [record, revision])),
    })),
  }
}
