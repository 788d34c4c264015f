/** One of the two records, `a` (0) and `b` (1). */
export type RecordIndex = 0 | 1
/** One of the two devices. */
export type DeviceIndex = 0 | 1

export const RECORDS: readonly RecordIndex[] = [0, 1]
export const DEVICES: readonly DeviceIndex[] = [0, 1]

/** A revision of a record. Never changed once made. */
export interface Rev {
  clock: number
  /** Its place among all stamps, from 1. Stands for the HLC: devices have right clocks, so a later edit has a higher one. */
  hlc: number
  op: 'put' | 'delete'
  /** The edit that wrote the content: the `hlc` of its first stamp. */
  edit: number
}

/** A revision in the store, or in a page or reply. */
export interface StoredRev extends Rev {
  version: number
}

/** What was seen of both records, or what a device or the store holds of them. Null: nothing. */
export type Pair<T> = [T | null, T | null]

/** An edit in the outbox. */
export interface Entry {
  record: RecordIndex
  rev: Rev
  /** What it was made upon. `nothing`: it creates the record. `unknown`: it was queued again after a restore. */
  base: 'nothing' | 'known' | 'unknown'
  /** The transaction that made it. */
  group: number
  /**
   * It lost to a version that this device has not reached. It waits, in memory, for the level step that reaches it. `skipsPull`: a pull was under way
   * when the answer came, which need not bring the winner.
   */
  waits: { version: number, winner: number, skipsPull: boolean } | null
  /** The winner that it waited for, if a pull that began after the answer did not bring it. It does not wait for that one again. Null: none. */
  missedWinner: number | null
  /** A walk has ended since it was made. The walk left deletes out, so the device is not level before this edit is answered. */
  isFromBefore: boolean
}

export interface SentOp {
  record: RecordIndex
  rev: Rev
  base: Entry['base']
}

/** The answer to one op. */
export interface Answer {
  applied: boolean
  version: number
  winner: StoredRev | null
}

/** The push under way. */
export interface Push {
  ops: readonly SentOp[]
  /** Other edits waited behind it when it was sent. */
  more: boolean
  /** Null: it has not arrived at the store. */
  answers: readonly Answer[] | null
}

export interface Change {
  record: RecordIndex
  rev: StoredRev
}

/** A page on its way from the store to a device. */
export interface Page {
  isWalk: boolean
  changes: readonly Change[]
  nextCursor: number
  hasMore: boolean
  latest: number
  epoch: number
  requiresRescan: boolean
}

/** A first sync or rescan. It is stored, and goes on after a crash. */
export interface Walk {
  /** What becomes of rows that the store lacks: nothing, they are removed, or they are queued again. */
  sweep: 'none' | 'remove' | 'requeue'
  /** The store's version when the first page was read. Null: it has not been read. */
  target: number | null
  /** Downward: the version before which the next page begins. 0: at the end of the feed. */
  position: number
  epoch: number | null
  seen: Pair<Rev>
  /** Records whose pushes were answered since it began. */
  pushed: [boolean, boolean]
  /**
   * Records that changed while it read may have moved in the feed past the place where it was. Its pages are followed by those of the feed from
   * `target`, up to here. In memory only. Null: it is not so far.
   */
  moved: number | null
  /** All pages are applied. It ends once the push under way is answered. */
  isRead: boolean
}

export interface Device {
  // On disk.
  /** Rows and tombstones. */
  rows: Pair<Rev>
  outbox: readonly Entry[]
  cursor: number
  epoch: number | null
  consistent: boolean
  cutOffs: number
  firstSyncDone: boolean
  walk: Walk | null
  /** The lowest version in the answers to pushes since a walk began, or was to begin. Null: none. */
  pushedFrom: number | null
  /** Changes that wait for the answer to a push of their record. */
  aside: Pair<StoredRev>
  // In memory.
  isOn: boolean
  push: Push | null
  /** A push failed. Nothing is sent before the next try. */
  isPaused: boolean
  /** An earlier session may have sent anything in the outbox. */
  isUnsure: boolean
  /** Records whose push failed without telling whether it arrived. */
  uncertain: [boolean, boolean]
  /** The newest revision of each record that was acknowledged. The feed brings it back as an echo. */
  acknowledged: Pair<Rev>
  /** The pages of a level step that is not complete. */
  step: { changes: readonly Change[], position: number } | null
  /** The pull under way goes page by page. Null: none is under way. */
  isByPage: boolean | null
  page: Page | null
  // For the invariants only.
  /** The deletes that a walk has left out, of records of which no row is here. */
  deleted: Pair<Rev>
  /** What it has shown of each record while it was consistent. */
  shown: Pair<Rev>
}

export interface Store {
  rows: Pair<StoredRev>
  collected: [boolean, boolean]
  version: number
  floor: number
  epoch: number
  /** What was answered, by the `hlc` of the op. */
  memory: ReadonlyMap<number, Answer>
}

/** One applied op. */
export interface Commit {
  version: number
  record: RecordIndex
  rev: Rev
  /** It is the last one of its push. */
  endsPush: boolean
}

/** An edit as the app made it. */
export interface Edit {
  record: RecordIndex
  rev: Rev
  device: DeviceIndex
  group: number
  /** What the device showed before the transaction. */
  before: Pair<Rev>
  /** It was stamped anew, or lost in a restore: the promises except it. */
  isExcepted: boolean
}

export interface World {
  store: Store
  /** The store before its last commit, for a restore. */
  backup: { store: Store, commits: number } | null
  devices: [Device, Device]
  edits: readonly Edit[]
  commits: readonly Commit[]
  stamps: number
  groups: number
  /** What may still happen. */
  left: Budget
}

export interface Budget {
  /** Transactions of each device. */
  edits: [number, number]
  crashes: number
  losses: number
  collections: number
  rescans: number
  restores: number
}

/** Rule 7.2. Above 0: `a` is higher. */
export function compareRevs(a: Rev | null, b: Rev | null): number {
  if (!a || !b) return (a ? 1 : 0) - (b ? 1 : 0)
  return a.clock - b.clock || a.hlc - b.hlc
}

/** The newest revision that a device knows of: of its row or tombstone, or the delete that a walk has left out. */
export function known({ rows, deleted }: Device, record: RecordIndex): Rev | null {
  return higher(rows[record], deleted[record])
}

export function higher<T extends Rev>(a: T | null, b: T | null): T | null {
  return compareRevs(a, b) >= 0 ? a : b
}

/** A copy whose parts may be changed. Revisions, entries, pages and commits are shared, because they never change. */
export function copyWorld(world: World): World {
  return {
    ...world,
    store: { ...world.store, rows: [...world.store.rows], collected: [...world.store.collected] },
    devices: [copyDevice(world.devices[0]), copyDevice(world.devices[1])],
    left: { ...world.left, edits: [...world.left.edits] },
  }
}

function copyDevice(device: Device): Device {
  return { ...device, rows: [...device.rows], aside: [...device.aside], uncertain: [...device.uncertain], deleted: [...device.deleted], shown: [...device.shown], acknowledged: [...device.acknowledged], walk: device.walk && { ...device.walk, seen: [...device.walk.seen], pushed: [...device.walk.pushed] } }
}
