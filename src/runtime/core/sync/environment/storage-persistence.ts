import type { SyncEnvironment } from './environment'

/** Asks the browser once not to evict this origin's data. */
export class StoragePersistence {
  #answer: boolean | null = null

  constructor(private readonly env: Pick<SyncEnvironment, 'persist' | 'log'>) {}

  /** The browser's answer. Null: it was not asked, cannot be asked, or has not answered yet. */
  get answer(): boolean | null {
    return this.#answer
  }

  /** Do not wait for it: the browser may ask the user, who may never answer. */
  async ask(): Promise<void> {
    if (this.#answer !== null) return
    try { this.#answer = await this.env.persist() }
    catch (error) { this.env.log.debug('The browser could not be asked to keep the data', error) }
  }
}
