import { SyncError } from '../../../shared/sync/protocol/errors'
import { ENGINE_TABLES } from '../../../shared/sync/schema/engine-tables'
import type { SyncEnvironment } from '../environment/environment'
import { applyTransaction } from '../records/apply-transaction'
import type { EngineDatabase } from '../records/engine-database'
import type { CursorState } from '../records/engine-records'
import { NOWHERE } from './cursor-manager'

export interface LeadFenceOptions {
  db: EngineDatabase
  env: Pick<SyncEnvironment, 'locks'>
}

/**
 * Another tab took the lead while this one was frozen. Nothing has to be done: this tab is about to hear that its lock is gone, and stops then. It does
 * not stop now, because a push may still be answered until then, and that answer counts.
 */
export class DeposedError extends SyncError {
  constructor() {
    super('OVERTAKEN', 'another tab has taken the lead meanwhile; this tab stores no more changes')
    this.name = 'DeposedError'
  }
}

/**
 * Keeps a tab that was frozen while it led from storing what it can no longer judge. The tab that took the lead has pushed edits since. This one knows
 * nothing of those pushes (`PushFate`), and when it thaws it goes on working until it hears that its lock is gone.
 *
 * A tab raises `CursorState.takeovers` when it takes the lead by force, before it sends anything. Every transaction that depends on what was pushed
 * compares it with the number from when this tab began to lead. Answers to pushes are stored without this check: an answer is right whoever leads.
 */
export class LeadFence {
  /** `takeovers` from when this tab began to lead. Undefined: it is still to be read. */
  #takeovers: number | undefined

  constructor(private readonly options: LeadFenceOptions) {}

  /**
   * This tab takes the lead by force.
   *
   * @param isOurs whether the lead that it takes is that of the open database. A tab that was frozen may find its database replaced, and another tab
   * leading for the new one: that tab's number must not be raised, because nobody has taken its lock.
   * @returns the raised number, for `begin`. Undefined: the database was replaced.
   */
  async raise(isOurs: () => boolean): Promise<number | undefined> {
    const { db } = this.options
    return await applyTransaction(db, [ENGINE_TABLES.state], async () => {
      if (!isOurs()) return undefined
      const stored = await readCursor(db)
      const takeovers = takeoversOf(stored) + 1
      await db.sync_state.put({ ...stored, takeovers })
      return takeovers
    })
  }

  /** This tab leads from now on. `takeovers`: what `raise` has returned; undefined where the lead was free. */
  begin(takeovers?: number): void {
    this.#takeovers = takeovers
  }

  /** Takes the number from the cursor, if this tab has just begun to lead. */
  read(stored: CursorState): void {
    this.#takeovers ??= takeoversOf(stored)
  }

  /**
   * Must be called in the transaction that depends on this tab's leading. Without Web Locks every tab leads, and nothing is checked.
   *
   * @param stored the cursor as it was read in the same transaction
   * @throws DeposedError when another tab has taken the lead by force since `begin`.
   */
  check(stored: CursorState): void {
    this.read(stored)
    if (this.options.env.locks && takeoversOf(stored) !== this.#takeovers) throw new DeposedError()
  }

  /** Like `check`, and reads the cursor. Must run in a transaction over `sync_state`. */
  async checkStored(): Promise<void> {
    this.check(await readCursor(this.options.db))
  }
}

async function readCursor(db: EngineDatabase): Promise<CursorState> {
  return await db.sync_state.get('cursor') as CursorState | undefined ?? NOWHERE
}

function takeoversOf({ takeovers = 0 }: CursorState): number {
  return takeovers
}
