import { isCommitMark, MARKS_MAX } from '../../../shared/sync/protocol/commit-marks'
import type { MarkState } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'

/**
 * Keeps the marks that the store's answers brought, and hands them back with each request. A store that was restored from a backup does
 * not know a mark of a later commit; by that the restore is noticed.
 *
 * - A new mark replaces only those that its own request handed over. Two requests may be under way at once, one answered before a restore and
 *   the other after it; the mark from before must stay, or nobody would notice the restore.
 * - What does not have the form of a mark is ignored, such as a header that a proxy has doubled. Otherwise a store that never gave it out would
 *   take it for a sign of a restore.
 */
export class HeardMarks {
  #marks: readonly string[] = []
  #stored: string | undefined

  /** The marks to hand over with a request, joined by commas; undefined: there are none. */
  get current(): string | undefined {
    return this.#marks.length ? this.#marks.join(',') : undefined
  }

  async load({ sync_state }: EngineDatabase): Promise<void> {
    this.#stored = (await sync_state.get('mark') as MarkState | undefined)?.mark
    this.#marks = readMarks(this.#stored).slice(0, MARKS_MAX)
  }

  /**
   * Stores the mark of an answer. Must run in the transaction that stores what the answer brought. Marks that other tabs have stored meanwhile
   * are kept.
   * `asked` is what the request handed over: `current` at that time.
   */
  async note({ sync_state }: EngineDatabase, mark: string | undefined, asked: string | undefined): Promise<void> {
    this.pass(mark, asked)
    if (this.current === undefined || this.current === this.#stored) return
    const stored = readMarks((await sync_state.get('mark') as MarkState | undefined)?.mark)
    const mine = [...readMarks(this.#stored), ...this.#marks]
    this.#marks = [...stored.filter(known => !mine.includes(known)), ...this.#marks].slice(-MARKS_MAX)
    this.#stored = this.current
    await sync_state.put({ id: 'mark', mark: this.current! })
  }

  /** Remembers the mark of an answer that brought nothing to write. It is stored with the next `note`. */
  pass(mark: string | undefined, asked: string | undefined): void {
    if (!isCommitMark(mark)) return
    const followedUp = asked?.split(',') ?? []
    const open = this.#marks.filter(known => known !== mark && !followedUp.includes(known))
    this.#marks = [...open.slice(0, MARKS_MAX - 1), mark]
  }

  /** Forgets all marks, because the store was restored and no longer knows them. Must run in the transaction that begins the rescan. */
  async forget({ sync_state }: EngineDatabase): Promise<void> {
    this.#marks = []
    this.#stored = undefined
    await sync_state.delete('mark')
  }
}

function readMarks(stored: string | undefined): string[] {
  return String(stored ?? '').split(',').filter(isCommitMark)
}
