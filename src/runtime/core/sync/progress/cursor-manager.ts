import { isVersion } from '../../../shared/sync/protocol/is-version'
import type { BootstrapState, CursorState } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import type { HeardMarks } from './heard-marks'
import type { LeadFence } from './lead-fence'
import { OvertakenError } from './overtaken-error'

/** The cursor of a device that has never synced. */
export const NOWHERE: CursorState = { id: 'cursor', cursor: 0, tables: [], lastSyncAt: 0, firstSyncDone: false }

export interface CursorManagerOptions {
  db: EngineDatabase
  heard: HeardMarks
  fence: Pick<LeadFence, 'read' | 'check'>
  /** See `EngineContext.incarnation`. */
  incarnation: () => number
  /** Whether this version of the app declares the table. */
  knows: (tableName: string) => boolean
}

/**
 * Keeps the cursor: the version up to which this database has applied the feed. It also tells a tab that was frozen that another tab has
 * gone on without it.
 *
 * Invariant: the cursor is stored in the transaction that applies the changes up to it. It goes back only when a walk ends.
 */
export class CursorManager {
  #state: CursorState = NOWHERE
  #incarnation = -1
  /** `pass` has moved the cursor in memory, and it is not stored yet. */
  #unstored = false
  /** How many walks this tab has ended. */
  #ownWalks = 0

  constructor(private readonly options: CursorManagerOptions) {}

  get state(): Readonly<CursorState> {
    return this.#state
  }

  /** Reads the stored cursor. Must be called when this tab begins to lead: until then another tab may have moved it. */
  async load(): Promise<CursorState> {
    const { db, heard, fence, incarnation } = this.options
    await db.open()
    this.#incarnation = incarnation()
    this.#state = await this.stored()
    fence.read(this.#state)
    this.#unstored = false
    await heard.load(db)
    return this.#state
  }

  /** The cursor that is stored at this moment. A later transaction that relies on it must call `checkWalk`, or read it again. */
  async stored(): Promise<CursorState> {
    const stored = await this.options.db.sync_state.get('cursor') as CursorState | undefined ?? NOWHERE
    // Earlier versions of the engine did not check what a provider sent as a cursor. Without a valid one the feed is read from its beginning.
    return isVersion(stored.cursor) ? stored : { ...stored, cursor: 0 }
  }

  /**
   * Stores a changed cursor. Must run in the transaction that applies the changes up to it; call `adopt` with the result once that has committed.
   *
   * @param stored the cursor as it was read in the same transaction. What this tab remembers may be old: if it was frozen, another tab has
   * moved the cursor on, and it must not go back.
   */
  async write(stored: CursorState, change: Partial<Omit<CursorState, 'id'>>, { mayGoBack = false } = {}): Promise<CursorState> {
    const next = { ...stored, ...change }
    // The cursor moves past changes of tables that this version of the app lacks. A table that is not in this list is fetched in full once it is back.
    next.tables = next.tables.filter(this.options.knows)
    if (!mayGoBack) next.cursor = Math.max(next.cursor, stored.cursor)
    await this.options.db.sync_state.put(next)
    return next
  }

  /**
   * Checks that what this tab remembers is still true. It may be old when the tab was frozen while it led, or when several tabs lead at once
   * (without Web Locks). Must run in the transaction that relies on it.
   *
   * @param stored the cursor as it was read in the same transaction
   * @param walk the walk that this tab is working on, as it remembers it
   * @throws OvertakenError when the database was replaced, when another tab has ended a walk since `load`, or when the stored walk is not at
   * the position of `walk`. The tab then has to begin again with `load`.
   * @throws DeposedError when another tab has taken the lead from this one.
   */
  async checkWalk(stored: CursorState, walk?: BootstrapState): Promise<void> {
    if (this.#incarnation !== this.options.incarnation()) throw new OvertakenError()
    this.options.fence.check(stored)
    const { walks = 0 } = stored
    if (walks !== (this.#state.walks ?? 0)) throw new OvertakenError()
    if (walk && !isAt(await this.bootstrap(), walk)) throw new OvertakenError()
  }

  /** Moves the cursor in memory, past a page of nothing but own echoes. It is stored later; after a reload before that, those echoes are read again. */
  pass(cursor: number, lastSyncAt: number): void {
    this.#unstored = true
    this.#state = { ...this.#state, lastSyncAt, cursor: Math.max(cursor, this.#state.cursor) }
  }

  /** Whether `pass` has moved the cursor since it was last stored. */
  get isAhead(): boolean {
    return this.#unstored
  }

  /** Remembers what `write` has stored. If `pass` has moved further meanwhile, that cursor stays, unless a walk has ended (`mayGoBack`). */
  adopt(state: CursorState, { mayGoBack = false } = {}): void {
    if (mayGoBack) this.#ownWalks++
    this.#unstored = !mayGoBack && this.#unstored && this.#state.cursor > state.cursor
    this.#state = this.#unstored ? { ...state, cursor: this.#state.cursor } : state
  }

  /** `walks`: see `CursorState.walks`; default: as many as this tab knows of. @returns how many of them other tabs have ended. */
  endedElsewhere(walks = this.#state.walks ?? 0): number {
    return walks - this.#ownWalks
  }

  /** The walk that is under way, as it is stored. */
  async bootstrap(): Promise<BootstrapState | undefined> {
    return await this.options.db.sync_state.get('bootstrap') as BootstrapState | undefined
  }
}

function isAt(stored: BootstrapState | undefined, { walkId, position, target, pulled }: BootstrapState): boolean {
  return stored?.walkId === walkId && stored?.position === position && stored?.target === target && stored?.pulled === pulled
}

/** Stands for the epoch of a table that was last fetched in full before a restore. No store has an empty epoch. */
export const BEFORE_RESTORE = ''

/** The store's epoch when a table was last fetched in full. */
export function epochOf({ epoch, epochs, wasRestored }: CursorState, tableName: string): string | undefined {
  return epochs?.[tableName] ?? (wasRestored ? BEFORE_RESTORE : epoch)
}
