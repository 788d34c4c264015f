import { recordKey } from '../../../shared/sync/protocol/record-key'
import type { SyncChange } from '../../../shared/sync/protocol/types'
import { STEP_MAX_ROWS } from '../../../shared/sync/protocol/limits'

/** A change waits at most this long for others of its record, in milliseconds. */
const JOIN_MS = 100
/** After so many waits in a row that brought nothing, changes of the record are applied at once for a while. */
const VAIN_WAITS = 3
/** How long that lasts, in milliseconds. Then waiting is tried again. */
const REST_MS = 5_000
/** Records remembered at most. A change of a record that was forgotten is applied at once. */
const MAX_RECORDS = STEP_MAX_ROWS

/**
 * How a page came to be applied.
 *
 * - `at-once`: nobody waited, or the wait was ended.
 * - `joined`: it waited, and others were joined to it.
 * - `in-vain`: it waited until the time was over, and nothing came.
 */
export type Applied = 'at-once' | 'joined' | 'in-vain'

interface GrowingRecord {
  /** When a change of it was applied last, in epoch milliseconds. */
  appliedAt: number
  /** Waits in a row that brought nothing. */
  vainWaits: number
  /** When the last of too many such waits ended, in epoch milliseconds. 0: there were not so many. */
  restsFrom: number
}

/**
 * Knows the records that were changed just now, such as a chat message that is being written word by word. The next change of such a record waits
 * a little, so that those that follow are applied together with it.
 *
 * Waiting pays only if more changes come meanwhile. If the writer waits until each change is seen before it makes the next, none come, and the
 * wait is only a delay. So after a few waits for nothing a record is left alone.
 */
export class GrowingRecords {
  /** By record. The one that was applied first comes first. */
  readonly #records = new Map<string, GrowingRecord>()

  constructor(private readonly now: () => number) {}

  /** Milliseconds that these changes may wait. 0: one of them must not, because its record was not changed just now, or there are none. */
  waitMs(changes: readonly SyncChange[]): number {
    let longest = 0
    for (const change of changes) {
      const waitMs = this.#waitMs(this.#records.get(recordKey(change.tableName, change.pk)))
      if (waitMs === 0) return 0
      longest = Math.max(longest, waitMs)
    }
    return longest
  }

  /** These changes were applied. */
  applied(changes: readonly SyncChange[], how: Applied): void {
    const now = this.now()
    for (const { tableName, pk } of changes) {
      const key = recordKey(tableName, pk)
      const { vainWaits = 0, restsFrom = 0 } = this.#records.get(key) ?? {}
      // Put at the end.
      this.#records.delete(key)
      const waits = how === 'joined' ? 0 : how === 'in-vain' ? vainWaits + 1 : vainWaits
      const rests = waits >= VAIN_WAITS
      this.#records.set(key, { appliedAt: now, vainWaits: rests ? 0 : waits, restsFrom: rests ? now : restsFrom })
    }
    this.#forget()
  }

  #waitMs(record: GrowingRecord | undefined): number {
    if (!record) return 0
    const { appliedAt, restsFrom } = record
    if (this.#isWithin(restsFrom, REST_MS)) return 0
    return this.#isWithin(appliedAt, JOIN_MS) ? appliedAt + JOIN_MS - this.now() : 0
  }

  /** Whether it was less than `ms` ago. If the device's clock was set back, it was not. */
  #isWithin(at: number, ms: number): boolean {
    const age = this.now() - at
    return age >= 0 && age < ms
  }

  #forget(): void {
    for (const [key, { appliedAt }] of this.#records) {
      if (this.#records.size <= MAX_RECORDS && this.#isWithin(appliedAt, REST_MS)) return
      this.#records.delete(key)
    }
  }
}
