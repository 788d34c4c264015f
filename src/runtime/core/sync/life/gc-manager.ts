import { CLEAR_FIRST_MS, CLEAR_INTERVAL_MS, CONFLICT_RETENTION_MS, RETENTION_MS } from '../../../shared/sync/protocol/limits'
import { applyTransaction } from '../records/apply-transaction'
import type { CursorState } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import { isOverdue } from '../progress/overdue-tombstone'
import { forgetUnconfirmed } from '../progress/unconfirmed-edits'

/**
 * Clears old records every 10 minutes, in idle time: tombstones that the store has had for 30 days, and conflicts of that age, both by the
 * store's clock. Tombstones that the store does not have stay, and so does the quarantine. While the store's time is not known, nothing is
 * cleared.
 */
export class GcManager {
  #timer: unknown
  #running: Promise<void> | null = null

  constructor(private readonly context: EngineContext) {}

  start(): void {
    this.#schedule(CLEAR_FIRST_MS)
  }

  /** Resolves when a clearing that has begun is over. */
  async stop(): Promise<void> {
    if (this.#timer !== undefined) this.context.env.clock.clearTimeout(this.#timer)
    this.#timer = undefined
    await this.#running
  }

  async run(): Promise<{ tombstones: number, conflicts: number }> {
    const { db, hooks } = this.context
    const now = this.context.storeTime()
    const counts = await applyTransaction(db, ['tombstones', 'sync_conflicts', 'sync_state'], async () => ({
      // During a walk tombstones of any age stay: a restored store may have lost these deletes.
      tombstones: await db.sync_state.get('bootstrap') ? 0 : await db.tombstones.where('deletedAt').below(now - RETENTION_MS).filter(tombstone => isOverdue(tombstone, now)).delete(),
      conflicts: await db.sync_conflicts.where('detectedAt').below(now - CONFLICT_RETENTION_MS).delete(),
    }))
    await this.#forgetUnconfirmed(now)
    hooks.doAction('sync.gc:action:completed', counts)
    return counts
  }

  /** Runs only if the store's time is known. A clock that is wrong by weeks would clear what was stored a moment ago. */
  async #runIfSure(): Promise<void> {
    if (this.context.isTimeSure()) await this.run()
  }

  async #forgetUnconfirmed(now: number): Promise<void> {
    const { db } = this.context
    await applyTransaction(db, ['sync_state'], async () => {
      const cursor = await db.sync_state.get('cursor') as CursorState | undefined
      if (!cursor?.hasUnconfirmed) return
      const hasUnconfirmed = await forgetUnconfirmed(db, now - CONFLICT_RETENTION_MS)
      if (!hasUnconfirmed) await db.sync_state.put({ ...cursor, hasUnconfirmed })
    })
  }

  #schedule(ms: number): void {
    const { env } = this.context
    // The engine may have been stopped and started again meanwhile: only the round with the newest timer goes on.
    const timer = this.#timer = env.clock.setTimeout(() => {
      env.whenIdle(() => {
        if (this.#timer !== timer) return
        const cleared = this.#runIfSure().catch((error: unknown) => env.log.warn('Clearing old tombstones failed', error))
        this.#running = cleared.finally(() => { if (this.#timer === timer) this.#schedule(CLEAR_INTERVAL_MS) })
      })
    }, ms)
  }
}
