import { isCommitMark, MARKS_MAX } from '../../../shared/sync/protocol/commit-marks'
import type { MarkState } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'

/**
 * The commits of the store that this device was told of, and that no later answer has followed up. They are handed back with each
 * request: a store that was restored from a backup, and written to since, does not know them.
 *
 * An answer follows up what its own request handed over, and nothing else: answers cross, and of two that were under way at once one may
 * have been given before a restore, and the other after it.
 *
 * Only what has the form of a mark is kept and handed back. A provider may call something else so, or a proxy double a header, and one
 * store's mark may be handed to another.
 */
export class HeardMarks {
  #marks: readonly string[] = []
  #stored: string | undefined

  /** As it travels; undefined: none. */
  get current(): string | undefined {
    return this.#marks.length ? this.#marks.join(',') : undefined
  }

  async load({ sync_state }: EngineDatabase): Promise<void> {
    this.#stored = (await sync_state.get('mark') as MarkState | undefined)?.mark
    this.#marks = readMarks(this.#stored).slice(0, MARKS_MAX)
  }

  /**
   * Must run in the transaction that takes the answer in. What other tabs have noted stays: each may have heard what the others have not.
   * `asked`: what its request handed over.
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

  /** Takes note of an answer that needs no writing: it is stored with the position it goes with. */
  pass(mark: string | undefined, asked: string | undefined): void {
    if (!isCommitMark(mark)) return
    const followedUp = asked?.split(',') ?? []
    const open = this.#marks.filter(known => known !== mark && !followedUp.includes(known))
    this.#marks = [...open.slice(0, MARKS_MAX - 1), mark]
  }

  /** The store is another one: only what it says from now on counts. Must run in the transaction that notes so. */
  async forget({ sync_state }: EngineDatabase): Promise<void> {
    this.#marks = []
    this.#stored = undefined
    await sync_state.delete('mark')
  }
}

function readMarks(stored: string | undefined): string[] {
  return String(stored ?? '').split(',').filter(isCommitMark)
}
