import { isVersion } from '../../../shared/sync/protocol/is-version'
import type { BootstrapState, CursorState } from '../records/engine-records'
import type { EngineDatabase } from '../records/engine-database'
import type { HeardMarks } from './heard-marks'
import { OvertakenError } from './overtaken-error'

/** Of a device that has never synced. */
export const NOWHERE: CursorState = { id: 'cursor', cursor: 0, tables: [], lastSyncAt: 0, firstSyncDone: false }

export interface CursorManagerOptions {
  db: EngineDatabase
  heard: HeardMarks
  /** See `EngineContext.incarnation`. */
  incarnation: () => number
  /** Whether this version of the app has a table. */
  knows: (tableName: string) => boolean
}

/**
 * Keeps the sync cursor of this database's workspace.
 *
 * Invariant: the cursor is stored in the transaction that applied the changes up to it, and never goes back except
 * when a rescan begins anew.
 */
export class CursorManager {
  #state: CursorState = NOWHERE
  #incarnation = -1
  #unstored = false

  constructor(private readonly options: CursorManagerOptions) {}

  get state(): Readonly<CursorState> {
    return this.#state
  }

  /** Reads what is stored: another tab may have led since. */
  async load(): Promise<CursorState> {
    const { db, heard, incarnation } = this.options
    await db.open()
    this.#incarnation = incarnation()
    this.#state = await this.stored()
    this.#unstored = false
    await heard.load(db)
    return this.#state
  }

  /** What is stored at this moment. Whoever relies on it later checks it there: by `checkWalk`, or by reading it again. */
  async stored(): Promise<CursorState> {
    const stored = await this.options.db.sync_state.get('cursor') as CursorState | undefined ?? NOWHERE
    // Earlier versions stored whatever a provider called its place. Without one the feed is read from its beginning.
    return isVersion(stored.cursor) ? stored : { ...stored, cursor: 0 }
  }

  /**
   * Stores a new position. Must run in the transaction that made it true; call `adopt` once that has committed.
   * What is stored counts, not what this tab remembers: a leader that was frozen must not turn the cursor back.
   */
  async write(stored: CursorState, change: Partial<Omit<CursorState, 'id'>>, { mayGoBack = false } = {}): Promise<CursorState> {
    const next = { ...stored, ...change }
    // Changes of tables that this version of the app lacks are passed unread: when such a table is back, it is fetched again.
    next.tables = next.tables.filter(this.options.knows)
    if (!mayGoBack) next.cursor = Math.max(next.cursor, stored.cursor)
    await this.options.db.sync_state.put(next)
    return next
  }

  /**
   * A leader that was frozen must look again, and so must one of several tabs that all work for themselves. Must run in the
   * transaction that relies on it.
   *
   * @throws OvertakenError when another tab has ended a walk since this one looked, or has begun one instead of `walk`, or has gone on
   * with that, or when the database is another one: what was seen later must not be taken together with what was seen before.
   */
  async checkWalk(stored: CursorState, walk?: BootstrapState): Promise<void> {
    if (this.#incarnation !== this.options.incarnation()) throw new OvertakenError()
    const { walks = 0 } = stored
    if (walks !== (this.#state.walks ?? 0)) throw new OvertakenError()
    if (walk && !isAt(await this.bootstrap(), walk)) throw new OvertakenError()
  }

  /** Moves on over changes that need no writing. It is stored with the next page or in a moment: a reload reads them again. */
  pass(cursor: number, lastSyncAt: number): void {
    this.#unstored = true
    this.#state = { ...this.#state, lastSyncAt, cursor: Math.max(cursor, this.#state.cursor) }
  }

  /** Whether `pass` has moved on since the last write. */
  get isAhead(): boolean {
    return this.#unstored
  }

  /** Takes over what was stored. A position passed meanwhile stays, unless this is where a walk ends. */
  adopt(state: CursorState, { mayGoBack = false } = {}): void {
    this.#unstored = !mayGoBack && this.#unstored && this.#state.cursor > state.cursor
    this.#state = this.#unstored ? { ...state, cursor: this.#state.cursor } : state
  }

  async bootstrap(): Promise<BootstrapState | undefined> {
    return await this.options.db.sync_state.get('bootstrap') as BootstrapState | undefined
  }
}

function isAt(stored: BootstrapState | undefined, { walkId, position, target, pulled }: BootstrapState): boolean {
  return stored?.walkId === walkId && stored?.position === position && stored?.target === target && stored?.pulled === pulled
}

/** The epoch of a table that was last fetched before a restore, or never: no store is called that. */
export const BEFORE_RESTORE = ''

/** The store's epoch when a table was last fetched in full. */
export function epochOf({ epoch, epochs, wasRestored }: CursorState, tableName: string): string | undefined {
  return epochs?.[tableName] ?? (wasRestored ? BEFORE_RESTORE : epoch)
}
