import { versionOfMark } from '../../../shared/sync/commit-history'
import type { MarkState } from '../database/engine-records'
import type { EngineDatabase } from '../database/sync-database'

/**
 * The newest commit of the store that this device was told of. It is handed back with each pull: a store that was restored from a
 * backup, and written to since, does not know it.
 */
export class HeardMark {
  #mark: string | undefined

  get current(): string | undefined {
    return this.#mark
  }

  async load({ sync_state }: EngineDatabase): Promise<void> {
    this.#mark = (await sync_state.get('mark') as MarkState | undefined)?.mark
  }

  /** Must run in the transaction that takes the answer in. */
  async note({ sync_state }: EngineDatabase, mark: string | undefined): Promise<void> {
    if (this.pass(mark)) await sync_state.put({ id: 'mark', mark: this.#mark! })
  }

  /** Takes note of an answer that needs no writing: it is stored with the position it goes with. @returns whether it is news. */
  pass(mark: string | undefined): boolean {
    // One that is older than what is known says nothing.
    if (mark === undefined || (this.#mark !== undefined && versionOfMark(mark) < versionOfMark(this.#mark))) return false
    this.#mark = mark
    return true
  }

  /** The store is another one: only what it says from now on counts. Must run in the transaction that notes so. */
  async forget({ sync_state }: EngineDatabase): Promise<void> {
    this.#mark = undefined
    await sync_state.delete('mark')
  }
}
