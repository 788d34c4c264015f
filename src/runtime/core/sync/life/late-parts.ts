import { loadedSyncCode, loadSyncCode, onSyncCode } from './load-sync-code'
import type { SyncParts, SyncPartsOptions } from './sync-parts'

/** The parts of an engine that need the code for syncing. They are made when that is here and somebody asks for them. */
export class LateParts {
  #made: SyncParts | null = null
  #isClosed = false

  constructor(private readonly options: SyncPartsOptions) {}

  /** Null: their code is not here yet. */
  get here(): SyncParts | null {
    const code = this.#made ? null : loadedSyncCode()
    if (code) {
      this.#made = new code.SyncParts(this.options)
      if (this.#isClosed) this.#made.watch.close()
    }
    return this.#made
  }

  /** Rejects with a SyncError `NETWORK_ERROR` if their code cannot be loaded. */
  async load(): Promise<SyncParts> {
    if (!this.here) await loadSyncCode()
    return this.here!
  }

  /** Resolves when their code is here, however long that takes: while sync runs, the leader tries on. */
  async whenHere(): Promise<SyncParts> {
    if (!this.here) await new Promise<void>((resolve) => {
      onSyncCode(resolve)
      loadSyncCode().catch(() => {})
    })
    return this.here!
  }

  /** The database is closed, for good. */
  close(): void {
    this.#isClosed = true
    this.here?.watch.close()
  }
}
