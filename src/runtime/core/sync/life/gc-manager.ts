import { CONFLICT_RETENTION_MS, RETENTION_MS } from '../../../shared/sync/protocol/limits'
import { applyTransaction } from '../records/apply-transaction'
import type { CursorState } from '../records/engine-records'
import type { EngineContext } from '../context/engine-context'
import { forgetUnconfirmed } from '../progress/unconfirmed-edits'

const INTERVAL_MS = 10 * 60_000
/** A start has better things to do. */
const FIRST_RUN_MS = 30_000

/**
 * Clears what this device no longer needs, in idle time: tombstones the store has had for 30 days, conflicts of that age, both by the
 * store's clock. What is not synced, and what is in quarantine, stays; and everything does until the store was heard of.
 */
export class GcManager {
  #timer: unknown
  #running: Promise<void> | null = null

  constructor(private readonly context: EngineContext) {}

  start(): void {
    this.#schedule(FIRST_RUN_MS)
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
      // While everything is compared with the store anew, tombstones of any age may be what it has forgotten.
      tombstones: await db.sync_state.get('bootstrap') ? 0 : await db.tombstones.where('deletedAt').below(now - RETENTION_MS).filter(({ syncedAt }) => syncedAt !== undefined && syncedAt < now - RETENTION_MS).delete(),
      conflicts: await db.sync_conflicts.where('detectedAt').below(now - CONFLICT_RETENTION_MS).delete(),
    }))
    await this.#forgetUnconfirmed(now)
    hooks.doAction('sync.gc:action:completed', counts)
    return counts
  }

  /** A clock that is wrong by weeks would clear what was kept a moment ago. */
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
    // Its own timer tells whether this is still the round: meanwhile there may have been a stop and a start.
    const timer = this.#timer = env.clock.setTimeout(() => {
      env.whenIdle(() => {
        if (this.#timer !== timer) return
        const cleared = this.#runIfSure().catch((error: unknown) => env.log.warn('Clearing old tombstones failed', error))
        this.#running = cleared.finally(() => { if (this.#timer === timer) this.#schedule(INTERVAL_MS) })
      })
    }, ms)
  }
}
