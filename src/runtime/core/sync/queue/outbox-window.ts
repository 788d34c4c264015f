import type { IndexedEdit, IndexedRecord } from './outbox-index'

export interface WindowOptions {
  /** How many records of the app to return, if their groups allow it. */
  size: number
  /** How many records a group may have. A larger one is cut. */
  limit: number
  /** Outbox records up to this id belong to groups that are being cut already. 0: none are. */
  cutUntil: number
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
  /** After how many keys a batch may end without cutting a group. The end of `keys` is always allowed, unless a group is cut. Ascending. */
  ends: number[]
  /** The first so many keys belong to groups that are cut: a batch may end anywhere among them. */
  cut: number
  /**
   * The first groups that go together have more records than `limit`, and this is new: how many they have, and the id of their last outbox
   * record. They are cut.
   */
  tooMany?: { records: number, until: number }
  /** There are more records. */
  more: boolean
  /** Some edits were left out because they are not due yet. */
  waiting: boolean
}

/**
 * Chooses the records whose edits are sent next. Each record is sent once, in its newest state. So groups that share a record go together, and
 * with them all groups in between, because groups are sent in their order. `lastOf`: the last outbox record that holds an edit of a record.
 */
export function chooseWindow(records: Iterable<IndexedRecord>, lastOf: (key: string) => number, options: WindowOptions): OutboxWindow {
  const chooser = new WindowChooser(lastOf, options)
  for (const record of records) if (!chooser.take(record)) break
  return chooser.window()
}

class WindowChooser {
  readonly #keys = new Set<string>()
  readonly #ends: number[] = []
  #cut = 0
  #isTooMany = false
  /** The first groups are counted to their end. */
  #isCounted = false
  #more = false
  #waiting = false
  /** The outbox record that was taken last. */
  #last: IndexedRecord | undefined
  /** The last outbox record with another edit of a record that was taken. Up to there nothing may be cut off. */
  #reach = 0

  constructor(private readonly lastOf: (key: string) => number, private readonly options: WindowOptions) {}

  /** @returns whether the next outbox record is wanted. */
  take(record: IndexedRecord): boolean {
    if (this.#mayEndBefore(record)) this.#end()
    // Groups that are too large are counted to their end.
    if (this.#isTooMany ? this.#isCounted : this.#isFull(record)) {
      this.#more = true
      return false
    }
    for (const edit of record.edits) this.#takeEdit(edit)
    this.#last = record
    if (record.id <= this.options.cutUntil) this.#cut = this.#keys.size
    else if (this.#done === 0 && this.#keys.size > this.options.limit) this.#isTooMany = true
    return true
  }

  window(): OutboxWindow {
    const keys = [...this.#keys]
    const { size } = this.options
    const known = { ends: this.#ends, waiting: this.#waiting }
    return this.#isTooMany
      ? { ...known, keys: keys.slice(0, size), cut: size, tooMany: { records: keys.length, until: this.#last!.id }, more: true }
      : { ...known, keys: this.#more ? keys.slice(0, this.#done) : keys, cut: this.#cut, more: this.#more }
  }

  /** After so many keys a batch may end. */
  get #done(): number {
    return Math.max(this.#ends.at(-1) ?? 0, this.#cut)
  }

  #takeEdit(edit: IndexedEdit): void {
    if (this.options.without.has(edit.key)) return
    this.#reach = Math.max(this.#reach, this.lastOf(edit.key))
    // Edits come in their order, so the last one of a record decides.
    if (this.options.isDue(edit)) this.#keys.add(edit.key)
    else {
      this.#keys.delete(edit.key)
      this.#waiting = true
    }
  }

  #mayEndBefore({ id, group }: IndexedRecord): boolean {
    return this.#last !== undefined && this.#reach < id && (group === undefined || group !== this.#last.group)
  }

  #end(): void {
    this.#isCounted = this.#isTooMany
    if (this.#keys.size > (this.#ends.at(-1) ?? 0)) this.#ends.push(this.#keys.size)
  }

  /** Whether no further outbox record is needed. */
  #isFull({ id }: IndexedRecord): boolean {
    const { size, cutUntil } = this.options
    const taken = this.#keys.size
    if (id <= cutUntil || taken === this.#done) return taken > 0 && taken >= size
    return this.#done > 0 && taken > size
  }
}
