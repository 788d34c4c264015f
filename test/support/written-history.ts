import type { Revision } from '../../src/runtime/shared/sync/protocol/revision'
import type { RecordedHistory, RecordedTransaction, RecordedWrite, StoreCommit } from '../../src/testing/index'

/** `a2` is the second revision of the record `a`. `a` is that the record is not there. `a2x` is a delete. */
type Text = string

interface Step extends Partial<Pick<RecordedTransaction, 'isConsistent' | 'readsAll'>> {
  reads?: readonly Text[]
  writes?: readonly Text[]
  excepted?: readonly string[]
}

/** Writes a history down by hand. Each step is 10 ms after the one before it. */
export class WrittenHistory {
  readonly #sessions = new Map<string, RecordedTransaction[]>()
  readonly #commits: StoreCommit[] = []
  readonly #stored = new Map<string, Revision>()
  readonly #excepted = new Set<string>()
  #now = 0

  /** A transaction of a session. */
  does(session: string, { reads = [], writes = [], excepted, isConsistent = true, readsAll = false }: Step): this {
    const transactions = this.#sessions.get(session) ?? []
    this.#sessions.set(session, transactions)
    transactions.push({
      at: this.#now += 10, isConsistent, readsAll, reads: new Map(reads.map(text => [recordOf(text), revisionOf(text)])),
      writes: writes.map((text): RecordedWrite => ({ record: recordOf(text), revision: revisionOf(text)!, label: text, isDelete: text.endsWith('x') })),
      ...(excepted ? { excepted: new Set(excepted) } : {}),
    })
    return this
  }

  /** A commit of the store. */
  commits(...texts: readonly Text[]): this {
    const applied = texts.map((text) => {
      const record = recordOf(text)
      const [revision, replaced] = [revisionOf(text), this.#stored.get(record) ?? null]
      if (revision) this.#stored.set(record, revision)
      else this.#stored.delete(record)
      return { record, revision, replaced }
    })
    this.#commits.push({ at: this.#now += 10, applied })
    return this
  }

  /** The store is restored, and these records are different since. */
  restores(...texts: readonly Text[]): this {
    this.commits(...texts)
    Object.assign(this.#commits.at(-1)!, { isRestore: true })
    return this
  }

  /** Nothing is promised of these revisions. */
  excepts(...texts: readonly Text[]): this {
    for (const text of texts) this.#excepted.add(revisionOf(text)!.opId)
    return this
  }

  get history(): RecordedHistory {
    return { sessions: Array.from(this.#sessions, ([name, transactions]) => ({ name, transactions })), commits: this.#commits, excepted: this.#excepted }
  }
}

function recordOf(text: Text): string {
  return text.slice(0, 1)
}

function revisionOf(text: Text): Revision | null {
  return text.length === 1 ? null : { clock: Number.parseInt(text.slice(1)), hlc: '', opId: text.replace('x', '') }
}
