import type { HistoryIndex, IndexedWrite, TransactionNode } from './history-index'

const UNREAD = -1
const NOTHING: ReadonlySet<string> = new Set()

/** A record that has fallen below what the same session had read or written. */
export interface Fall { before: IndexedWrite, now: IndexedWrite, isOwn: boolean }

/** What a session sees and knows while its transactions are gone through in their order. All arrays are by record and hold ranks. */
export class SessionState {
  /** What the transaction sees that was taken in last. -1: it has not read the record. */
  view: Int32Array
  /** What the session sees of all records. 0: nothing. */
  readonly #all: Int32Array
  /** The highest revision that the session has read or written itself. Revisions of which nothing is promised do not count, here and below. */
  readonly #floor: Int32Array
  readonly #own: Int32Array
  /** 1: the session sees an edit of its own that it made where it saw no record. */
  readonly #madeAnew: Uint8Array
  /** The highest revision that the session knows of: read, written, or known to the author of what it has read. */
  readonly known: Int32Array
  /** Records of which nothing is promised to this session now. */
  excepted: ReadonlySet<string> = NOTHING
  #wasConsistent = false

  constructor(private readonly index: HistoryIndex) {
    const size = index.records.length
    this.#all = new Int32Array(size)
    this.view = this.#all
    this.#floor = new Int32Array(size)
    this.#own = new Int32Array(size)
    this.#madeAnew = new Uint8Array(size)
    this.known = new Int32Array(size)
  }

  /** Takes the reads of a transaction in. Returns what fell, and the records that have to be looked at: what changed, or all that was read. */
  read({ reads, tx }: TransactionNode): { falls: Fall[], changed: number[] } {
    const falls: Fall[] = []
    const excepted = tx.excepted ?? NOTHING
    // What a transaction did not read cannot be compared with what it read.
    this.view = tx.readsAll ? this.#all : new Int32Array(this.#all.length).fill(UNREAD)
    for (const write of reads) {
      const { record, rank } = write
      this.view[record] = this.#all[record] = rank
      if (rank !== this.#own[record]) this.#madeAnew[record] = 0
      const floor = { record, rank: this.#floor[record]! }
      if (!excepted.has(this.index.records[record]!.name) && !this.stands(floor, tx.at)) {
        falls.push({ before: floor, now: write, isOwn: this.#own[record] === floor.rank })
        this.#floor[record] = rank
      }
      this.#learn(write)
    }
    const looksAtAll = tx.isConsistent && (!this.#wasConsistent || falls.length > 0 || !isSubset(this.excepted, excepted))
    this.excepted = excepted
    this.#wasConsistent = tx.isConsistent && tx.readsAll === true
    const all = Array.from(this.view.keys())
    return { falls, changed: looksAtAll || !tx.readsAll ? all.filter(record => this.view[record]! > 0) : reads.flatMap(({ record, rank }) => rank > 0 ? [record] : []) }
  }

  /** Takes the writes of a transaction in. */
  write(node: TransactionNode): void {
    if (!node.writes.length) return
    node.frontier = this.known.slice()
    for (const write of node.writes) {
      const { record, rank } = write
      if (this.#isGone({ record, rank: this.#all[record]! })) this.#madeAnew[record] = 1
      this.view[record] = this.#all[record] = rank
      if (!this.index.promisedBy(write)) continue
      raise(this.#own, record, rank)
      raise(this.#floor, record, rank)
      raise(this.known, record, rank)
    }
  }

  /**
   * Whether what the session sees of a record is this revision, or above it, or was not read at all. Whoever sees no record, or an earlier delete, sees
   * what a delete leaves: devices are not told of all deletes. An own edit that was made there stands above the delete as well, and will be stamped so.
   */
  stands(write: IndexedWrite, at: number): boolean {
    const { record } = write
    const rank = this.view[record]!
    return rank === UNREAD || rank >= write.rank || ((this.#isGone({ record, rank }) || this.#madeAnew[record] === 1) && this.index.isDeletedAbove(write, at))
  }

  /** Whether the session has to see a revision or one above it. */
  misses(write: IndexedWrite, at: number): boolean {
    return !this.stands(write, at) && !this.excepted.has(this.index.records[write.record]!.name)
  }

  #isGone(write: IndexedWrite): boolean {
    return write.rank === 0 || this.index.entry(write)?.isDelete === true
  }

  #learn(write: IndexedWrite): void {
    const author = this.index.promisedBy(write)
    if (!author) return
    raise(this.#floor, write.record, write.rank)
    raise(this.known, write.record, write.rank)
    author.frontier?.forEach((rank, record) => { raise(this.known, record, rank) })
  }
}

function raise(ranks: Int32Array, record: number, rank: number): void {
  if (rank > ranks[record]!) ranks[record] = rank
}

function isSubset(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  if (part === whole) return true
  for (const record of part) if (!whole.has(record)) return false
  return true
}
