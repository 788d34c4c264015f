import type { OutboxOp } from './engine-records'

/** `sync_state`, by `id`: one record of each kind, but for `WalkMarks` and `UnconfirmedEdit`, of which there may be many. */
export type StateRecord = DeviceState | ClockState | CursorState | MarkState | RefetchState | GivenUpState | BootstrapState | WalkMarks | PushedState | UnconfirmedEdit | SchemaState | TableNamesState | AdoptedState

export interface DeviceState {
  id: 'device'
  deviceId: string
  /** The highest `ENGINE_FORMAT` that has written to this database. */
  format: number
  /** Epoch milliseconds. */
  createdAt: number
}

/** The highest HLC known when the last push reply or page was stored. HLCs that were issued since are in the outbox. */
export interface ClockState {
  id: 'hlc'
  hlc: string
}

export interface CursorState {
  id: 'cursor'
  /** Every change of `tables` up to this server version is applied or in quarantine. */
  cursor: number
  /** The store's epoch when the cursor was last set. */
  epoch?: string
  /** The tables that `cursor` is true for. A table that the app has added since has to be fetched in full first. */
  tables: string[]
  /** Epoch milliseconds, by this device's clock, of the last page from the store. */
  lastSyncAt: number
  firstSyncDone: boolean
  /** See `SyncStatus.consistent`. */
  consistent?: boolean
  /** Set when a walk has ended: edits in outbox records up to this id have to be answered before the database is level. See `lastWaiting`. */
  answersUntil?: number
  /** How many level steps in a row have begun and were cut off before they could be applied. */
  cutOffs?: number
  /**
   * The store's epoch when each table was last fetched in full, also of tables that this version of the app lacks. If it is not the
   * current epoch, the store was restored since: rows that it does not have were lost, not deleted. A missing table: `epoch` counts. An
   * empty text: the table was last fetched before a restore that brought no other epoch.
   */
  epochs?: Record<string, string>
  /**
   * A walk has found out that the store was restored. The rows of a table that is missing in `epochs` (such as one that only a newer
   * version of the app has) may have been acknowledged before the restore, so they count as last fetched before it.
   */
  wasRestored?: true
  /**
   * How many walks have ended on this database. A leader that was frozen compares it with the number it remembers: if another tab has
   * ended a walk meanwhile, the leader reads its position again.
   */
  walks?: number
  /** Where the feed went on after the last walk. Of deletes up to this version the walk has told nothing. */
  walkedTo?: number
  /**
   * How often a tab has taken the lead from one that was frozen. If it has risen since a tab began to lead, that tab leads no more, although it may
   * not have heard of it yet (`LeadFence`).
   */
  takeovers?: number
  /** Whether there are `UnconfirmedEdit` records. */
  hasUnconfirmed?: boolean
}

/** The marks that this device hands back with its requests (`HeardMarks`). */
export interface MarkState {
  id: 'mark'
  /** Joined by commas, as they travel. */
  mark: string
}

/**
 * Tables that have to be fetched in full again although the cursor covers them. A walk takes its tables off this list when it begins, so a
 * table that is added during a walk is fetched by the next one.
 */
export interface RefetchState {
  id: 'refetch'
  tables: string[]
  /**
   * Tables in which an upgrade of the app's schema has created rows while the user was a viewer and could not send them. Once the user may
   * write, a walk compares these tables with the store and sends those rows.
   */
  asWriter?: string[]
}

/** An edit was given up whose push may still be on its way to the store. Until then the store also sends this device its own edits. */
export interface GivenUpState {
  id: 'given-up'
  /** Epoch milliseconds. */
  until: number
}

/** The walk that is under way, and how far it is. Absent: there is none. */
export interface BootstrapState {
  id: 'bootstrap'
  /** A new UUID for each walk. If it is not the one that a tab is working on, another tab has begun another walk. */
  walkId: string
  /** `bootstrap`: the first sync. `rescan`: all tables, compared with the store. `tables`: only some, such as tables that the app has added. */
  kind: 'bootstrap' | 'rescan' | 'tables'
  reason: string
  /** The store's latest version when the walk began. After the walk the feed goes on from there. 0: no page has come yet. */
  target: number
  /** The cursor when the walk began. Absent: an earlier version of the engine began the walk. */
  began?: number
  /** The version from which the next page is read. */
  position: number
  /** `desc` is asked for. A provider that ignores `order` sends the oldest first; then this becomes `asc`. */
  direction: 'desc' | 'asc'
  /** The pages have shown that `direction` is right. */
  isDirectionKnown?: true
  tables: string[]
  /** How many changes were fetched so far. */
  pulled: number
  /** Epoch milliseconds. */
  startedAt: number
  epoch?: string
  /** The mark that came with the first page. */
  mark?: string
  /** What happens at the end to rows that the store does not have: nothing, they are removed here, or (restored store) they are sent again. */
  sweep: 'none' | 'remove' | 'requeue'
}

/**
 * What a walk has learnt of the store, for the sweep at its end: one record for each page and each push reply. They are stored because
 * a walk may go on after a reload.
 */
export interface WalkMarks {
  /** `marks:<uuid>` */
  id: string
  /** Records that a page named, with their revisions in the store. */
  seen?: [tableName: string, pk: string, clock: number, hlc: string, opId: string][]
  /** Records that a push reply named. The walk may have passed their place before they were pushed, so the sweep must not remove them. */
  pushed?: [tableName: string, pk: string][]
}

/**
 * The lowest version in a push reply since the walk began (before the first sync: since ever). After the walk the feed goes on from below
 * it: see `resumeCursor`.
 */
export interface PushedState {
  id: 'pushed'
  from: number
}

/**
 * An edit that the provider acknowledged without saying whether the store applied it. The store may have kept another device's revision
 * instead. The record is removed once the store sends a revision of the record or says that the edit was applied, and at the latest when
 * the retention of conflicts is over.
 */
export interface UnconfirmedEdit extends Pick<OutboxOp, 'pk' | 'op' | 'clock' | 'hlc' | 'opId' | 'base' | 'unheard'> {
  /** `unconfirmed:<table>/<pk>` */
  id: string
  tableName: string
  /** Epoch milliseconds. */
  acknowledgedAt: number
}

/**
 * The names under which this database keeps tables and fields. When the app renames one, its name on the wire stays; by that the upgrade
 * finds the old rows.
 */
export interface TableNamesState {
  id: 'table-names'
  /** Name on the wire -> name here, also of tables that this version of the app lacks. */
  names: Record<string, string>
  /** For each table (by its name on the wire): name of a field here -> its name on the wire. Absent: as the app declares them. */
  fields?: Record<string, Record<string, string>>
}

/**
 * Only while the rows of the signed-out user's database move into this one (`moveLocalRows`): rows that are stored here and may not be
 * removed there yet.
 */
export interface AdoptedState {
  id: 'adopted'
  /** For each row its `recordKey`, and the hash of what was stored. */
  hashes: [key: string, hash: string][]
}

/** The schema version that the server last told this device. */
export interface SchemaState {
  id: 'schema'
  version: number
}
