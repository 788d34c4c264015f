import { compareRevisions, type Revision } from '../../../shared/sync/protocol/revision'
import type { WirePayload } from '../../../shared/sync/protocol/types'
import type { CapturedOp } from '../records/captured-op'
import { recordKey } from '../../../shared/sync/protocol/record-key'

/** Payloads of just-captured edits take at most this much memory, in bytes. */
const MAX_BYTES = 16 * 1024 * 1024

type RememberedEdit = Revision & { payload: WirePayload, size: number, turn: number }

/**
 * Keeps the payloads of edits that this tab has just made, so that a push need not read the rows back: reading 10,000 rows by key takes longer
 * than sending them.
 *
 * Only the newest edit of a record is kept, because only that is sent. Above the memory limit the oldest go first. A payload that is not here is
 * read from its table.
 */
export class RecentWrites {
  /** By record, the least recently written first. */
  readonly #edits = new Map<string, RememberedEdit>()
  #bytes = 0
  #turn = 0

  /** How much memory the payloads take, in bytes. */
  get bytes(): number {
    return this.#bytes
  }

  /** Counts calls of `remember`: see {@link RecentWrites.forgetUntil}. */
  get turn(): number {
    return this.#turn
  }

  remember(ops: readonly CapturedOp[]): void {
    const turn = ++this.#turn
    for (const { tableName, edit: { pk, clock, hlc, opId }, payload, size } of ops) {
      const key = recordKey(tableName, pk)
      this.#drop(key)
      if (!payload || size > MAX_BYTES) continue
      this.#edits.set(key, { clock, hlc, opId, payload, size, turn })
      this.#bytes += size
    }
    this.#makeRoom()
  }

  /** The payload of exactly this edit. */
  get(key: string, opId: string): WirePayload | undefined {
    const edit = this.#edits.get(key)
    return edit?.opId === opId ? edit.payload : undefined
  }

  /** The record's edits up to this revision are not to be sent any more. */
  forget(key: string, revision: Revision): void {
    const edit = this.#edits.get(key)
    if (edit && compareRevisions(edit, revision) <= 0) this.#drop(key)
  }

  /** Everything that was remembered up to this turn has left the outbox, whichever tab sent it. */
  forgetUntil(turn: number): void {
    for (const [key, edit] of this.#edits) {
      if (edit.turn > turn) return
      this.#drop(key)
    }
  }

  clear(): void {
    this.#edits.clear()
    this.#bytes = 0
  }

  #makeRoom(): void {
    for (const key of this.#edits.keys()) {
      if (this.#bytes <= MAX_BYTES) return
      this.#drop(key)
    }
  }

  #drop(key: string): void {
    const edit = this.#edits.get(key)
    if (!edit) return
    this.#edits.delete(key)
    this.#bytes -= edit.size
  }
}
