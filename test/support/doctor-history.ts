import type { AnomalyKind, RecordedHistory, RecordedTransaction, RecordedWrite, StoreCommit } from '../../src/testing/index'
import type { serialHistory } from './serial-history'

type Serial = ReturnType<typeof serialHistory>

/** Does one thing wrong in a right history. */
export interface Doctoring {
  wrong: string
  /** Null: the history has no place for it. */
  doctor: (history: Serial) => RecordedHistory | null
  /** What it must be found as. */
  kinds: readonly AnomalyKind[]
}

/** A level step of a reader that brings two records of one group, both as the group wrote them. */
interface Place { reader: number, step: number, tx: RecordedTransaction, group: readonly RecordedWrite[] }

function groupInStep({ sessions }: RecordedHistory): Place | null {
  const groups = sessions.flatMap(({ transactions }) => transactions.map(({ writes }) => writes)).filter(writes => writes.length > 1)
  for (const [reader, { transactions }] of sessions.entries()) {
    for (const [step, tx] of transactions.entries()) {
      const group = groups.map(writes => writes.filter(({ record, revision, isDelete }) => !isDelete && tx.reads.get(record)?.opId === revision.opId)).find(writes => writes.length > 1)
      if (group) return { reader, step, tx, group }
    }
  }
  return null
}

/** The same history with other transactions in place of one. */
function replace(history: Serial, { reader, step }: Place, transactions: readonly RecordedTransaction[]): RecordedHistory {
  return { ...history, sessions: history.sessions.map((session, index) => index === reader ? { ...session, transactions: session.transactions.toSpliced(step, 1, ...transactions) } : session) }
}

function without(reads: RecordedTransaction['reads'], record: string): RecordedTransaction['reads'] {
  return new Map([...reads].filter(([other]) => other !== record))
}

/** Commits that no reader can mistake: where a record is not there yet, a delete that is missing looks the same as one that has come. */
function isClear({ sessions }: RecordedHistory, { applied }: StoreCommit): boolean {
  const deletes = new Set(sessions.flatMap(({ transactions }) => transactions.flatMap(({ writes }) => writes.flatMap(({ isDelete, revision }) => isDelete ? [revision.opId] : []))))
  return !applied.some(({ revision }) => deletes.has(revision!.opId))
}

export const DOCTORINGS: readonly Doctoring[] = [
  {
    wrong: 'a level step leaves a record out', kinds: ['fractured read'],
    doctor: (history) => {
      const place = groupInStep(history)
      return place && replace(history, place, [{ ...place.tx, reads: without(place.tx.reads, place.group[0]!.record) }])
    },
  },
  {
    wrong: 'a winner is shown before its level step', kinds: ['fractured read'],
    doctor: (history) => {
      const place = groupInStep(history)
      if (!place) return null
      const { record, revision } = place.group[0]!
      return replace(history, place, [{ ...place.tx, reads: new Map([[record, revision]]) }, place.tx])
    },
  },
  {
    wrong: 'the store takes a group in two commits', kinds: ['fractured read'],
    doctor: (history) => {
      const torn = history.commits.findIndex(commit => commit.applied.length > 1 && isClear(history, commit))
      if (torn < 0) return null
      const { at, applied } = history.commits[torn]!
      return { ...history, commits: history.commits.toSpliced(torn, 1, { at, applied: applied.slice(0, 1) }, { at, applied: applied.slice(1) }) }
    },
  },
  {
    wrong: 'the store takes two groups of a device in the other order', kinds: ['monotonic writes', 'writes follow reads', 'causal order'],
    doctor: (history) => {
      const writerOf = new Map(history.sessions.flatMap(({ name, transactions }) => transactions.flatMap(({ writes }) => writes.map(({ revision }): [string, string] => [revision.opId, name]))))
      const first = history.commits.findIndex((commit, index) => {
        const [{ applied }, next] = [commit, history.commits[index + 1]]
        return next && isClear(history, commit) && !next.applied.some(({ record }) => applied.some(other => other.record === record)) && writerOf.get(next.applied[0]!.revision!.opId) === writerOf.get(applied[0]!.revision!.opId)
      })
      if (first < 0) return null
      return { ...history, commits: history.commits.toSpliced(first, 2, history.commits[first + 1]!, history.commits[first]!) }
    },
  },
  {
    wrong: 'a device shows an own edit no more', kinds: ['read your writes'],
    doctor: (history) => {
      for (const [reader, { transactions }] of history.sessions.entries()) {
        const step = transactions.findIndex(({ writes }) => writes.some(({ isDelete }) => !isDelete))
        const tx = transactions[step]
        // Earlier than anything in the store, so that no delete there explains it.
        if (tx) return replace(history, { reader, step, tx, group: [] }, [tx, { at: -1, isConsistent: true, readsAll: true, writes: [], reads: new Map([[tx.writes[0]!.record, null]]) }])
      }
      return null
    },
  },
  {
    wrong: 'a transaction that was aborted is seen', kinds: ['G1a'],
    doctor: (history) => {
      const seen = history.sessions.flatMap(({ transactions }) => transactions.flatMap(({ reads }) => [...reads.values()].map(revision => revision!.opId)))
      for (const [reader, { transactions }] of history.sessions.entries()) {
        const step = transactions.findIndex(({ writes }) => writes.some(({ revision }) => seen.includes(revision.opId)))
        if (step >= 0) return replace(history, { reader, step, tx: transactions[step]!, group: [] }, [])
      }
      return null
    },
  },
]
