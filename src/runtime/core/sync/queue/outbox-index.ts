import type { AsideState, OutboxRecord } from '../records/engine-records'
import { recordKey } from '../records/record-key'

/** One op of an outbox record, as far as it is needed to choose what to send. */
export interface IndexedEdit {
  key: string
  opId: string
  aside?: AsideState
}

export interface WindowOptions {
  /** So many records are enough. */
  size: number
  /** Whether an edit may be sent now. */
  isDue: (edit: IndexedEdit) => boolean
  /** Whether held edits are looked at as well. */
  withHeld: boolean
  /** Records that were looked at before. */
  without: ReadonlySet<string>
}

/** Records whose edits come next. */
export interface OutboxWindow {
  /** In the order of their first edits. */
  keys: string[]
  /** There are more behind them. */
  more: boolean
  /** Edits were passed over that are not due yet. */
  waiting: boolean
}

/**
 * What the outbox holds of which record, in memory: with it, what one edit costs does not depend on what else waits or was refused.
 *
 * It may name too much, never too little, whichever tab writes: the ids of outbox records only rise, an outbox record never gains ops, and
 * its status never changes. What is gone is found missing when it is read, and what waits aside is found then, too.
 */
export class OutboxIndex {
  readonly #byStatus: Record<OutboxRecord['status'], Map<number, readonly IndexedEdit[]>> = { pending: new Map(), held: new Map(), failed: new Map() }
  readonly #idsByKey = new Map<string, number[]>()
  #last = 0

  /** Every outbox record up to this id is known. */
  get last(): number {
    return this.#last
  }

  /** Records with ids above `last`, in their order. */
  add(records: readonly OutboxRecord[]): void {
    for (const record of records) {
      const edits = editsOf(record)
      this.#byStatus[record.status].set(record.id!, edits)
      for (const { key } of edits) {
        const ids = this.#idsByKey.get(key)
        if (!ids) this.#idsByKey.set(key, [record.id!])
        else if (ids.at(-1) !== record.id) ids.push(record.id!)
      }
      this.#last = Math.max(this.#last, record.id!)
    }
  }

  /** A known outbox record was written again, if it is still there. */
  update(record: OutboxRecord): void {
    const known = this.#byStatus[record.status]
    if (known.has(record.id!)) known.set(record.id!, editsOf(record))
  }

  remove(ids: readonly number[]): void {
    const gone = new Set(ids)
    const keys = new Set<string>()
    for (const id of gone) {
      for (const records of Object.values(this.#byStatus)) {
        for (const { key } of records.get(id) ?? []) keys.add(key)
        records.delete(id)
      }
    }
    for (const key of keys) {
      const kept = this.#idsByKey.get(key)?.filter(id => !gone.has(id)) ?? []
      if (kept.length) this.#idsByKey.set(key, kept)
      else this.#idsByKey.delete(key)
    }
  }

  /** Ids of the outbox records that may hold edits of these records, in their order. */
  idsOf(keys: Iterable<string>): number[] {
    const ids = new Set<number>()
    for (const key of keys) for (const id of this.#idsByKey.get(key) ?? []) ids.add(id)
    return [...ids].sort((a, b) => a - b)
  }

  /** Of these records, those that may have an edit in the dead letter. */
  refusedAmong(keys: Iterable<string>): string[] {
    return [...keys].filter(key => this.#idsByKey.get(key)?.some(id => this.#byStatus.failed.has(id)))
  }

  /** There are none of this status. */
  removeAll(status: OutboxRecord['status']): void {
    this.remove([...this.#byStatus[status].keys()])
  }

  /** The key of the refused edit with this op id. */
  findRefused(opId: string): string | undefined {
    for (const edits of this.#byStatus.failed.values()) {
      const edit = edits.find(candidate => candidate.opId === opId)
      if (edit) return edit.key
    }
    return undefined
  }

  window({ size, isDue, withHeld, without }: WindowOptions): OutboxWindow {
    const keys = new Set<string>()
    const { pending, held } = this.#byStatus
    let waiting = false
    for (const edits of withHeld ? inOrder(pending, held) : pending.values()) {
      if (keys.size >= size) return { keys: [...keys], more: true, waiting }
      for (const edit of edits) {
        if (without.has(edit.key)) continue
        // The newest edit of a record decides.
        if (isDue(edit)) keys.add(edit.key)
        else {
          keys.delete(edit.key)
          waiting = true
        }
      }
    }
    return { keys: [...keys], more: false, waiting }
  }

  clear(): void {
    for (const records of Object.values(this.#byStatus)) records.clear()
    this.#idsByKey.clear()
    this.#last = 0
  }
}

function editsOf({ tableName, ops }: OutboxRecord): IndexedEdit[] {
  return ops.map(({ pk, opId, aside }) => ({ key: recordKey(tableName, pk), opId, ...(aside ? { aside } : {}) }))
}

/** The edits of both, by the ids of their records. */
function inOrder(...records: ReadonlyMap<number, readonly IndexedEdit[]>[]): Iterable<readonly IndexedEdit[]> {
  return records.flatMap(map => [...map]).sort(([a], [b]) => a - b).map(([, edits]) => edits)
}
