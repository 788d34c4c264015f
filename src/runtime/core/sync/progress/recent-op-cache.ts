import { ECHO_MAX_IDS, ECHO_TTL_MS } from '../../../shared/sync/protocol/limits'
import { compareRevisions, type Revision } from '../../../shared/sync/protocol/revision'
import { recordKey } from '../../../shared/sync/protocol/record-key'
import type { SyncChange } from '../../../shared/sync/protocol/types'

/**
 * Remembers the revisions that this device has pushed. When the feed brings one of them back (an echo), the local row has that revision or a
 * higher one already, so it need not be read. A change with a higher revision than what was pushed is never taken for an echo.
 */
export class RecentOpCache {
  readonly #pushed = new Map<string, { revision: Revision, at: number }>()

  constructor(private readonly now: () => number) {}

  remember(tableName: string, pk: string, revision: Revision): void {
    const key = recordKey(tableName, pk)
    this.#pushed.delete(key)
    this.#pushed.set(key, { revision, at: this.now() })
    if (this.#pushed.size > ECHO_MAX_IDS) this.#pushed.delete(this.#pushed.keys().next().value!)
  }

  /** Whether the change's revision is at most the one that this device pushed for the record. */
  isEcho(change: SyncChange): boolean {
    const key = recordKey(change.tableName, change.pk)
    const known = this.#pushed.get(key)
    if (!known) return false
    if (this.now() - known.at > ECHO_TTL_MS) {
      this.#pushed.delete(key)
      return false
    }
    return compareRevisions(change.stamp, known.revision) <= 0
  }

  clear(): void {
    this.#pushed.clear()
  }
}
