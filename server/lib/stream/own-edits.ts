import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import { hlcNode } from '#or3-sync/shared/sync/protocol/hlc'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import type { ChangeStamp } from '#or3-sync/shared/sync/protocol/types'

/** Revisions noted at most. A forgotten one is sent back to its writer, which costs only a row. */
const NOTED_MAX = 2_000

/**
 * The edits that a stream's reader has pushed while the stream is open, so that they are not sent back.
 *
 * The HLC node alone is not enough. Changes show it to every member, so anybody could stamp an edit with a reader's node and hide it from
 * them.
 * Only the process that takes a push notes it. An edit pushed through another process is sent back.
 */
export class OwnEdits {
  readonly #ids = new Set<string>()

  constructor(private readonly userId: string, private readonly node: string) {}

  /** Notes what a user is about to push. Call it before the store has the edits, so that no stream is faster. */
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

/** A text that identifies one revision of one record. */
export function revisionId(tableName: string, pk: string, { clock, hlc, opId }: ChangeStamp): string {
  return `${clock} ${hlc} ${opId} ${recordKey(tableName, pk)}`
}
