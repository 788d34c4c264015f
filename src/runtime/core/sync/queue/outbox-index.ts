import type { AsideState, OutboxRecord } from '../records/engine-records'
import { recordKey } from '../../../shared/sync/protocol/record-key'

/** What the index knows of one op in the outbox. */
export interface IndexedEdit {
  /** The `recordKey` of its record. */
  key: string
  opId: string
  aside?: AsideState
}

export interface WindowOptions {
  /** How many records of the app to return at most. */
  size: number
  /** Whether an edit may be sent now. */
  isDue: (edit: IndexedEdit) => boolean
  /** Also return records whose edits are held. */
  withHeld: boolean
  /** Records to leave out, by `recordKey`. */
  without: ReadonlySet<string>
}

/** The records of the app whose edits are sent next. */
export interface OutboxWindow {
  /** `recordKey`s, in the order of their first edits. */
  keys: string[]
  /** There are more records than `size`. */
  more: boolean
  /** Some edits were left out because they are not due yet. */
  waiting: boolean
}

/**
 * Knows, in memory, which outbox records hold edits of which record of the app. So an edit, its acknowledgement and a page read only the outbox
 * records of their own rows, however much else waits or was refused.
 *
 * It may name an outbox record that is gone or has fewer edits now; that is noticed when the record is read. It never misses one, although every
 * tab writes to the outbox: the ids only rise, and an outbox record never gets more ops or another status.
 */
export class OutboxIndex {
  readonly #byStatus: Record<OutboxRecord['status'], Map<number, readonly IndexedEdit[]>> = { pending: new Map(), held: new Map(), failed: new Map() }
  readonly #idsByKey = new Map<string, number[]>()
  #last = 0

  /** The highest id that is known. All outbox records up to it are in the index. */
  get last(): number {
    return this.#last
  }

  /** Adds outbox records with ids above `last`, in the order of their ids. */
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

  /** Takes over an outbox record that was written again. */
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

  /** The ids of the outbox records that may hold edits of these records, ascending. */
  idsOf(keys: Iterable<string>): number[] {
    const ids = new Set<number>()
    for (const key of keys) for (const id of this.#idsByKey.get(key) ?? []) ids.add(id)
    return [...ids].sort((a, b) => a - b)
  }

  /** Which of these records may have an edit in the dead letter. */
  refusedAmong(keys: Iterable<string>): string[] {
    return [...keys].filter(key => this.#idsByKey.get(key)?.some(id => this.#byStatus.failed.has(id)))
  }

  /** Removes all outbox records of a status: it was found that there are none. */
  removeAll(status: OutboxRecord['status']): void {
    this.remove([...this.#byStatus[status].keys()])
  }

  /** The `recordKey` of the edit in the dead letter with this op id. */
  findRefused(opId: string): string | undefined {
    for (const edits of this.#byStatus.failed.values()) {
      const edit = edits.find(candidate => candidate.opId === opId)
      if (edit) return edit.key
    }
    return undefined
  }

  /** Chooses the records whose edits are sent next. */
  window({ size, isDue, withHeld, without }: WindowOptions): OutboxWindow {
    const keys = new Set<string>()
    const { pending, held } = this.#byStatus
    let waiting = false
    for (const edits of withHeld ? inOrder(pending, held) : pending.values()) {
      if (keys.size >= size) return { keys: [...keys], more: true, waiting }
      for (const edit of edits) {
        if (without.has(edit.key)) continue
        // Edits come in their order, so the last one of a record decides.
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

/** The edits of several maps, in the order of the ids of their outbox records. */
function inOrder(...records: ReadonlyMap<number, readonly IndexedEdit[]>[]): Iterable<readonly IndexedEdit[]> {
  return records.flatMap(map => [...map]).sort(([a], [b]) => a - b).map(([, edits]) => edits)
}
