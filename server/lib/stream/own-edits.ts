import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import { hlcNode } from '#or3-sync/shared/sync/protocol/hlc'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import type { ChangeStamp } from '#or3-sync/shared/sync/protocol/types'

/** What is not noted any more comes back to its writer, which costs a row and no more. */
const NOTED_MAX = 2_000

/**
 * What the reader of a stream has pushed while the stream is open, so that it need not be sent back.
 *
 * The node alone would not do: every change shows it to every member, and who stamps with a reader's node could hide an edit from them.
 * Noted by the process that takes the push; what comes in by another process is sent back.
 */
export class OwnEdits {
  readonly #ids = new Set<string>()

  constructor(private readonly userId: string, private readonly node: string) {}

  /** A user is about to push these: called before the store has them, so that no stream is faster. */
  note(userId: string, items: readonly PushItem[]): void {
    if (userId !== this.userId) return
    for (const item of items) {
      if (item.kind !== 'op' || hlcNode(item.stamp.hlc) !== this.node) continue
      this.#ids.add(revisionId(item.tableName, item.pk, item.stamp))
      if (this.#ids.size > NOTED_MAX) this.#ids.delete(this.#ids.values().next().value!)
    }
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }
}

/** A text that one revision of one record has, and no other. */
export function revisionId(tableName: string, pk: string, { clock, hlc, opId }: ChangeStamp): string {
  return `${clock} ${hlc} ${opId} ${recordKey(tableName, pk)}`
}
