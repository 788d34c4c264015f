import type { WirePayload } from '../../../shared/sync/types'
import type { CapturedOp } from '../capture/captured-op'

/** Payloads of just-captured edits take at most this much memory. */
const MAX_BYTES = 16 * 1024 * 1024

/**
 * Payloads of edits that this tab wrote a moment ago, by op id, so that a flush need not read the rows back: reading 10,000
 * rows by key costs more than sending them. Only a shortcut: what is not here is read from the table.
 */
export class RecentWrites {
  readonly #payloads = new Map<string, { payload: WirePayload, size: number }>()
  #bytes = 0

  remember(ops: readonly CapturedOp[]): void {
    for (const { opId, payload, size } of ops) {
      if (!payload || this.#bytes + size > MAX_BYTES) continue
      this.#payloads.set(opId, { payload, size })
      this.#bytes += size
    }
  }

  get(opId: string): WirePayload | undefined {
    return this.#payloads.get(opId)?.payload
  }

  forget(opId: string): void {
    const known = this.#payloads.get(opId)
    if (!known) return
    this.#payloads.delete(opId)
    this.#bytes -= known.size
  }

  clear(): void {
    this.#payloads.clear()
    this.#bytes = 0
  }
}
