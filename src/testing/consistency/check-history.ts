import type { Anomaly } from './anomaly'
import { ReadChecks } from './check-reads'
import { findCycles, type Dependency } from './find-cycles'
import { HistoryIndex, type IndexedWrite, type TransactionNode } from './history-index'
import type { RecordedHistory } from './recorded-history'

/**
 * Says what is wrong with a history: whether transactions were seen in part, out of their order, or not at all by those who had to see them.
 *
 * Revisions are unique and ordered per record, so it is known and not guessed who read from whom and who overwrote whom. A record that stands
 * above a revision counts as having seen it. One that is not there counts as having seen a delete. What a session sees is checked only while
 * it is consistent; that it never falls back is checked always. The store is a reader like any other: each of its commits shows all that it has.
 *
 * Takes time in proportion to transactions times records.
 *
 * @returns the anomalies in the order of their times. None: the history is as contract 7.16 and 7.17 promise.
 */
export function checkHistory(history: RecordedHistory): Anomaly[] {
  const index = new HistoryIndex(history)
  const reads: Dependency<TransactionNode>[] = []
  const anomalies = new ReadChecks(index).run((node, seen) => reads.push(...readsOf(index, node, seen)))
  const overwrites = overwritesOf(index, history)
  return [
    ...anomalies,
    ...findCycles(overwrites, () => true).map(cycle => cycleAnomaly('G0', cycle)),
    ...findCycles([...overwrites, ...reads], ({ kind }) => kind === 'wr').map(cycle => cycleAnomaly('G1c', cycle)),
  ].sort((a, b) => a.at - b.at)
}

function readsOf(index: HistoryIndex, to: TransactionNode, seen: readonly IndexedWrite[]): Dependency<TransactionNode>[] {
  return seen.flatMap((read): Dependency<TransactionNode>[] => {
    const from = index.promisedBy(read)
    return from && from !== to ? [{ from, to, kind: 'wr', describe: () => `${to.name} read ${index.name(read)} of ${from.name}` }] : []
  })
}

/** Who overwrote whom, as the store did it: a revision that lost was never there and overwrote nothing. */
function overwritesOf(index: HistoryIndex, { commits = [] }: RecordedHistory): Dependency<TransactionNode>[] {
  return commits.flatMap(({ applied, isRestore }) => isRestore ? [] : applied).flatMap(({ record, revision, replaced }): Dependency<TransactionNode>[] => {
    const [before, after] = [index.at(record, replaced), index.at(record, revision)]
    const [from, to] = [index.promisedBy(before), index.promisedBy(after)]
    return from && to && from !== to ? [{ from, to, kind: 'ww', describe: () => `${to.name} overwrote ${index.name(before)} of ${from.name} by ${index.name(after)}` }] : []
  })
}

function cycleAnomaly(kind: 'G0' | 'G1c', cycle: readonly Dependency<TransactionNode>[]): Anomaly {
  const last = cycle.map(({ from }) => from).reduce((a, b) => b.tx.at > a.tx.at ? b : a)
  return {
    kind, at: last.tx.at, session: last.name.slice(0, last.name.lastIndexOf(' #')), text: cycle.map(({ describe }) => describe()).join('; '),
    transactions: cycle.map(({ from }) => from.name), records: [],
  }
}
