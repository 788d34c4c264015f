import type { AsideState, OutboxRecord } from '../records/engine-records'
import { recordKey } from '../../../shared/sync/protocol/record-key'
import { chooseWindow, type OutboxWindow, type WindowOptions } from './outbox-window'

/** What the index knows of one op in the outbox. */
export interface IndexedEdit {
  /** The `recordKey` of its record. */
  key: string
  opId: string
  aside?: AsideState
}

/** What the index knows of one outbox record. */
export interface IndexedRecord {
  id: number
  group: string | undefined
  edits: readonly IndexedEdit[]
}

/**
 * Knows, in memory, which outbox records hold edits of which record of the app. So an edit, its acknowledgement and a page read only the outbox
 * records of their own rows, however much else waits or was refused.
 *
 * It may name an outbox record that is gone or has fewer edits now; that is noticed when the record is read. It never misses one, although every
 * tab writes to the outbox: the ids only rise, and an outbox record never gets more ops or another status.
 */
export class OutboxIndex {
  readonly #byStatus: Record<OutboxRecord['status'], Map<number, IndexedRecord>> = { pending: new Map(), held: new Map(), failed: new Map() }
  readonly #idsByKey = new Map<string, number[]>()
  #last = 0

  /** The highest id that is known. All outbox records up to it are in the index. */
  get last(): number {
    return this.#last
  }

  /** Adds outbox records with ids above `last`, in the order of their ids. */
  add(records: readonly OutboxRecord[]): void {
    for (const record of records) {
      const indexed = indexOf(record)
      this.#byStatus[record.status].set(record.id!, indexed)
      for (const { key } of indexed.edits) {
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
    const before = known.get(record.id!)
    if (!before) return
    const indexed = indexOf(record)
    known.set(record.id!, indexed)
    const kept = new Set(indexed.edits.map(({ key }) => key))
    this.#forget(before.edits.flatMap(({ key }) => kept.has(key) ? [] : key), new Set([record.id!]))
  }

  /** How many edits the index knows of in an outbox record. */
  lengthOf({ id, status }: OutboxRecord): number {
    return this.#byStatus[status].get(id!)?.edits.length ?? 0
  }

  /** @returns whether any of them was known. */
  remove(ids: readonly number[]): boolean {
    const gone = new Set(ids)
    const keys = new Set<string>()
    for (const id of gone) {
      for (const records of Object.values(this.#byStatus)) {
        for (const { key } of records.get(id)?.edits ?? []) keys.add(key)
        records.delete(id)
      }
    }
    this.#forget(keys, gone)
    return keys.size > 0
  }

  /** These outbox records hold no edits of these records any more. */
  #forget(keys: Iterable<string>, gone: ReadonlySet<number>): void {
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
    for (const { edits } of this.#byStatus.failed.values()) {
      const edit = edits.find(candidate => candidate.opId === opId)
      if (edit) return edit.key
    }
    return undefined
  }

  /** Chooses the records whose edits are sent next. */
  window(options: WindowOptions): OutboxWindow {
    const { pending, held } = this.#byStatus
    const records = options.withHeld ? inOrder(pending, held) : pending.values()
    return chooseWindow(records, key => this.#lastOf(key, options.withHeld), options)
  }

  /** The last outbox record that holds a waiting edit of this record. */
  #lastOf(key: string, withHeld: boolean): number {
    const { pending, held } = this.#byStatus
    return this.#idsByKey.get(key)?.findLast(id => pending.has(id) || (withHeld && held.has(id))) ?? 0
  }

  clear(): void {
    for (const records of Object.values(this.#byStatus)) records.clear()
    this.#idsByKey.clear()
    this.#last = 0
  }
}

function indexOf({ id, tableName, group, ops }: OutboxRecord): IndexedRecord {
  return { id: id!, group, edits: ops.map(({ pk, opId, aside }) => ({ key: recordKey(tableName, pk), opId, ...(aside ? { aside } : {}) })) }
}

/** The outbox records of several maps, in the order of their ids. */
function inOrder(...records: ReadonlyMap<number, IndexedRecord>[]): Iterable<IndexedRecord> {
  return records.flatMap(map => [...map.values()]).sort((a, b) => a.id - b.id)
}
