import { isVersion } from '../../../shared/sync/protocol/is-version'
import type { Revision } from '../../../shared/sync/protocol/revision'
import type { StoredRevision } from '../../../shared/sync/protocol/types'

interface Waiting {
  /** The version of the store at which the winner stands. */
  version: number
  /** Its op id. */
  winner: string
}

/**
 * Edits that lost to a revision which this device has not reached: its cursor is below it. The revision may belong to a transaction of another
 * device, so it is not shown alone. The level step that reaches it brings it with the rest. Until then the edit stays in the outbox, and is not
 * sent.
 *
 * They are kept in memory only. After a reload such an edit is sent once more, and gets the same answer.
 */
export class UnreachedWinners {
  /** By op id of the edit. */
  readonly #waiting = new Map<string, Waiting>()
  /** Op ids of edits whose winner a later pull has not brought, with the winner's op id. So a provider that gives no proper versions holds nothing up. */
  readonly #missed = new Map<string, string>()

  /** `cursor`: the version up to which this device has applied the feed. */
  constructor(private readonly cursor: () => number) {}

  /**
   * Whether the winner over an edit may be merged now. `stored`: the stored cursor, read in the same transaction. It is ahead of what this tab
   * remembers when another tab has read the feed, and then the feed does not bring the winner again.
   */
  isReached({ opId }: Pick<Revision, 'opId'>, { serverVersion, stamp }: Pick<StoredRevision, 'serverVersion' | 'stamp'>, stored: number): boolean {
    return !isVersion(serverVersion) || serverVersion <= Math.max(stored, this.cursor()) || this.#missed.get(opId) === stamp.opId
  }

  add({ opId }: Pick<Revision, 'opId'>, { serverVersion, stamp }: Pick<StoredRevision, 'serverVersion' | 'stamp'>): void {
    this.#waiting.set(opId, { version: serverVersion, winner: stamp.opId })
  }

  /** Whether the edit waits, and must not be sent. */
  has(opId: string): boolean {
    return this.#waiting.has(opId)
  }

  /** Op ids of the edits that wait. */
  get waiting(): string[] {
    return [...this.#waiting.keys()]
  }

  /** Everything up to this version is applied. @returns whether edits may be sent that had to wait. */
  reached(version: number): boolean {
    const before = this.#waiting.size
    for (const [opId, waiting] of this.#waiting) if (waiting.version <= version) this.#waiting.delete(opId)
    return this.#waiting.size < before
  }

  /** A pull that began after these edits were answered is level. @returns whether it has not brought the winner over any of them. */
  missed(opIds: readonly string[]): boolean {
    const before = this.#waiting.size
    for (const opId of opIds) {
      const waiting = this.#waiting.get(opId)
      if (waiting) this.#missed.set(opId, waiting.winner)
      this.#waiting.delete(opId)
    }
    return this.#waiting.size < before
  }

  /** The edit is answered for good, or gone. */
  forget(opId: string): void {
    this.#waiting.delete(opId)
    this.#missed.delete(opId)
  }

  clear(): void {
    this.#waiting.clear()
    this.#missed.clear()
  }
}
