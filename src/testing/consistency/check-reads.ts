import type { Anomaly, AnomalyKind } from './anomaly'
import { explainCause, type Cause } from './explain-cause'
import type { HistoryIndex, IndexedWrite, TransactionNode } from './history-index'
import { SessionState } from './session-state'

/** A revision that a reader misses although it sees a transaction, with the shortest reason. */
interface Missing { write: IndexedWrite, seen: IndexedWrite, author: TransactionNode, cause: Cause }

/** Goes through all sessions at once, so that each transaction comes after those that it has read from, and checks what each of them saw. */
export class ReadChecks {
  readonly anomalies: Anomaly[] = []
  readonly #states: SessionState[]
  readonly #told = new Set<string>()

  constructor(private readonly index: HistoryIndex) {
    this.#states = index.sessions.map(() => new SessionState(index))
  }

  /** Calls back with each transaction that writes, and with everything that it had read or could have read before. */
  run(onWriter: (node: TransactionNode, read: readonly IndexedWrite[]) => void): Anomaly[] {
    const positions = this.index.sessions.map(() => 0)
    const next = (session: number) => this.index.sessions[session]![positions[session]!]
    const visit = (session: number) => {
      this.#visit(next(session)!, onWriter)
      positions[session]!++
    }
    for (;;) {
      let isMoving = false
      for (const session of positions.keys()) {
        for (let node = next(session); node && !this.#waitsFor(node); node = next(session)) {
          visit(session)
          isMoving = true
        }
      }
      if (isMoving) continue
      const stuck = Array.from(positions.keys(), next).filter(node => node !== undefined).sort((a, b) => a.tx.at - b.tx.at)[0]
      if (!stuck) return this.anomalies
      // Each waits for another: somebody has read what was written only after it.
      const awaited = this.#waitsFor(stuck)!
      this.#tell('causal order', stuck, [awaited.author], [awaited.read], `read ${this.index.name(awaited.read)}, which ${awaited.author.name} wrote after it had seen what followed from it`)
      visit(stuck.session)
    }
  }

  #waitsFor(node: TransactionNode): { author: TransactionNode, read: IndexedWrite } | undefined {
    for (const read of node.reads) {
      const author = this.index.entry(read)?.author
      if (author && author !== node && !author.frontier) return { author, read }
    }
    return undefined
  }

  #visit(node: TransactionNode, onWriter: (node: TransactionNode, read: readonly IndexedWrite[]) => void): void {
    const state = this.#states[node.session]!
    for (const read of node.reads) this.#checkRead(node, read)
    const { falls, changed } = state.read(node)
    for (const { before, now, isOwn } of falls) {
      const [had, author] = [isOwn ? 'written' : 'read', this.index.entry(before)!.author!]
      this.#tell(isOwn ? 'read your writes' : 'monotonic reads', node, [author], [before], `reads ${this.index.name(now)}, although the same session had ${had} ${this.index.name(before)}`)
    }
    if (node.tx.isConsistent) this.#checkView(node, state, changed)
    if (!node.tx.writes.length) return
    onWriter(node, Array.from(state.view, (rank, record) => ({ record, rank })).filter(({ rank }) => rank > 0))
    state.write(node)
  }

  #checkRead(node: TransactionNode, read: IndexedWrite): void {
    const entry = this.index.entry(read)
    if (!entry || entry.isExcepted) return
    if (!entry.author) this.#tell('G1a', node, [], [read], `reads ${this.index.name(read)}, which no committed transaction wrote`)
    else if (entry.isIntermediate && entry.author !== node) {
      const last = entry.author.writes.find(({ record }) => record === read.record)!
      this.#tell('G1b', node, [entry.author], [read], `reads ${this.index.name(read)}, which ${entry.author.name} itself had overwritten by ${this.index.name(last)}`)
    }
  }

  #checkView(node: TransactionNode, state: SessionState, changed: readonly number[]): void {
    const missing = new Map<string, Missing>()
    for (const record of changed) {
      const seen = { record, rank: state.view[record]! }
      const author = this.index.promisedBy(seen)
      if (!author) continue
      for (const write of author.writes) {
        if (write.record === record || !this.index.promisedBy(write) || !state.misses(write, node.tx.at)) continue
        this.#tell('fractured read', node, [author], [seen, write], `reads ${this.index.name(seen)} of ${author.name}, but ${this.#shown(state, write.record)} and not ${this.index.name(write)} of the same transaction`)
      }
      if (author.session === node.session || !author.frontier) continue
      for (const [other, rank] of author.frontier.entries()) {
        const write = { record: other, rank }
        if (rank === 0 || !state.misses(write, node.tx.at) || this.#told.has(missingKey(node, write))) continue
        this.#keepShortest(missing, { write, seen, author, cause: explainCause(this.index, author, write) })
      }
    }
    for (const { write, seen, author, cause } of missing.values()) {
      this.#told.add(missingKey(node, write))
      const text = `reads ${this.index.name(seen)} of ${author.name}, but ${this.#shown(state, write.record)} and not ${this.index.name(write)}: ${cause.steps.map(step => step.text).join('; ')}`
      this.#tell(cause.kind, node, [author, ...cause.steps.map(step => step.node)], [seen, write], text)
    }
  }

  #keepShortest(found: Map<string, Missing>, missing: Missing): void {
    const key = nameOf(missing.write)
    const best = found.get(key)
    if (!best || missing.cause.steps.length < best.cause.steps.length) found.set(key, missing)
  }

  #shown(state: SessionState, record: number): string {
    return this.index.name({ record, rank: state.view[record]! })
  }

  /** Reports each breach once, however often it is seen. */
  #tell(kind: AnomalyKind, node: TransactionNode, others: readonly TransactionNode[], records: readonly IndexedWrite[], what: string): void {
    const key = `${kind} ${node.session} ${records.map(nameOf).join()}`
    if (this.#told.has(key)) return
    this.#told.add(key)
    const session = node.name.slice(0, node.name.lastIndexOf(' #'))
    this.anomalies.push({
      kind, at: node.tx.at, session, text: `${node.name} at ${node.tx.at} ms ${what}`,
      transactions: [...new Set([node, ...others].map(({ name }) => name))], records: [...new Set(records.map(({ record }) => this.index.records[record]!.name))],
    })
  }
}

function nameOf({ record, rank }: IndexedWrite): string {
  return `${record}@${rank}`
}

/** A session that misses a revision misses it for whatever it sees next. Only the first time is reported. */
function missingKey({ session }: TransactionNode, write: IndexedWrite): string {
  return `cause ${session} ${nameOf(write)}`
}
