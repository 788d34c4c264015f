import type { HistoryIndex, IndexedWrite, TransactionNode } from './history-index'

/** Why whoever sees a transaction has to see a revision: the shortest way from the one to the other. */
export interface Cause {
  kind: 'monotonic writes' | 'writes follow reads' | 'causal order'
  /** From the transaction that was seen back to the one that read or wrote the revision, with what led from each to the next. */
  steps: { node: TransactionNode, text: string }[]
}

interface Visit { node: TransactionNode, from: Visit | null, text: string }

/** Looks for the shortest way by which the author of a transaction knew of a revision, going back through what sessions did and read before. */
export function explainCause(index: HistoryIndex, seen: TransactionNode, missing: IndexedWrite): Cause {
  const queue: Visit[] = [{ node: seen, from: null, text: '' }]
  const visited = new Set([seen])
  for (const visit of queue) {
    const earlier = index.sessions[visit.node.session]!
    const end = earlier.indexOf(visit.node)
    // Its own reads come before its writes. The newest of the session's transactions come first, which makes the report short.
    for (let position = end; position >= 0; position--) {
      const node = earlier[position]!
      if (position < end && has(node.writes, missing)) return cause(index, visit, node, `${node.name} had written ${index.name(missing)}`, 'monotonic writes')
      // A session also reads what it has written.
      if (has(node.reads, missing) && index.promisedBy(missing)?.session !== node.session) return cause(index, visit, node, `${node.name} had read ${index.name(missing)}`, 'writes follow reads')
      for (const read of node.reads) {
        const author = index.promisedBy(read)
        if (!author || visited.has(author) || author.frontier?.[missing.record] !== missing.rank) continue
        visited.add(author)
        queue.push({ node: author, from: visit, text: `${node.name} had read ${index.name(read)}, which ${author.name} wrote` })
      }
    }
  }
  return { kind: 'causal order', steps: [] }
}

function cause(index: HistoryIndex, last: Visit, node: TransactionNode, text: string, direct: Exclude<Cause['kind'], 'causal order'>): Cause {
  const steps = [{ node, text }]
  for (let visit: Visit = last; visit.from; visit = visit.from) steps.unshift({ node: visit.node, text: visit.text })
  return { kind: last.from ? 'causal order' : direct, steps }
}

function has(writes: readonly IndexedWrite[], { record, rank }: IndexedWrite): boolean {
  return writes.some(write => write.record === record && write.rank === rank)
}
