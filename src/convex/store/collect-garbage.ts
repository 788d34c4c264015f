import { countCollectable, gcTimes, isWaitedFor } from '#or3-sync/shared/sync/store/collectable'
import type { GcRequest, GcTimes } from '#or3-sync/shared/sync/store/collectable'
import { NO_BOUND } from '#or3-sync/shared/sync/store/feed-page'
import { GC_MAX_DEVICES, GC_MAX_TOMBSTONES } from '../convex-limits'
import { deleteWithResults } from './delete-with-results'
import { purgeTombstones } from './purge-tombstones'
import type { SyncDoc, SyncReader, SyncWriter } from './sync-data-model'

export interface GarbageRun extends GcRequest {
  /** Workspaces up to this one are done. */
  after: string
}

interface GarbageCounts { workspaces: number, tombstones: number, devices: number, purged: number }

/**
 * One run. Only workspaces that have tombstones in their feed are visited.
 *
 * @returns where the next run goes on; null when this was the last.
 */
export async function collectGarbage(db: SyncWriter, { purgeBefore, after, ...request }: GarbageRun): Promise<{ counts: GarbageCounts, next: string | null }> {
  const times = gcTimes(request)
  const forgotten = await forgetSilent(db, times)
  const counts: GarbageCounts = { workspaces: 0, tombstones: 0, devices: forgotten.devices, purged: 0 }
  if (forgotten.hasMore) return { counts, next: after }
  let devicesLeft = GC_MAX_DEVICES
  let done = after
  for (;;) {
    const workspaceId = await nextWorkspace(db, done)
    if (workspaceId === null) break
    const seen = await readSeenByAll(db, workspaceId, { times, limit: devicesLeft })
    // What is left of this run was not enough to find a live device: the next one begins here.
    if (seen.ranOut && devicesLeft < GC_MAX_DEVICES) return { counts, next: done }
    devicesLeft -= seen.lookedAt
    const left = GC_MAX_TOMBSTONES - counts.tombstones
    const collected = await collectTombstones(db, workspaceId, { seenByAll: seen.version, keepSince: times.keepSince, limit: left })
    counts.tombstones += collected
    // A full run goes on with the same workspace: it may have more.
    if (collected === left) return { counts, next: done }
    counts.workspaces++
    done = workspaceId
    if (devicesLeft <= 0) return { counts, next: done }
  }
  if (purgeBefore === undefined) return { counts, next: null }
  const limit = GC_MAX_TOMBSTONES - counts.tombstones
  counts.purged = await purgeTombstones(db, { before: purgeBefore, limit })
  return { counts, next: counts.purged === limit ? done : null }
}

/** Devices and writers, devices first: `isSilent`, said as a range of an index. */
async function forgetSilent(db: SyncWriter, { silentSince }: GcTimes): Promise<{ devices: number, hasMore: boolean }> {
  const devices = await db.query('device_cursors').withIndex('by_seen', q => q.lt('seen_at', silentSince)).take(GC_MAX_DEVICES)
  const forgotten = await deleteWithResults(db, devices)
  if (forgotten < devices.length || forgotten === GC_MAX_DEVICES) return { devices: forgotten, hasMore: true }
  const writers = await db.query('sync_writers').withIndex('by_seen', q => q.lt('seen_at', silentSince)).take(GC_MAX_DEVICES - forgotten)
  const count = await deleteWithResults(db, writers)
  return { devices: forgotten, hasMore: count < writers.length || count + forgotten === GC_MAX_DEVICES }
}

async function nextWorkspace(db: SyncReader, after: string): Promise<string | null> {
  const tombstone = await db.query('change_log')
    .withIndex('by_tombstone', q => q.eq('op', 'delete').eq('collected', false).gt('workspace_id', after))
    .first()
  return tombstone?.workspace_id ?? null
}

interface SeenByAll {
  version: number
  /** Devices looked at. At least 1, so that a run also ends where many workspaces have none. */
  lookedAt: number
  /** The limit was reached before a live device was found. */
  ranOut: boolean
}

/** `seenByAll`, as far as one run looks. Devices come by their cursor: the first that is waited for has the lowest. */
async function readSeenByAll(db: SyncReader, workspaceId: string, { times, limit }: { times: GcTimes, limit: number }): Promise<SeenByAll> {
  let lookedAt = 0
  for await (const device of db.query('device_cursors').withIndex('by_cursor', q => q.eq('workspace_id', workspaceId).gte('cursor', 0))) {
    lookedAt++
    if (isWaitedFor({ seenAt: device.seen_at }, times)) return { version: device.cursor!, lookedAt, ranOut: false }
    // Those that follow have read at least as much.
    if (lookedAt >= limit) return { version: device.cursor!, lookedAt, ranOut: true }
  }
  return { version: NO_BOUND, lookedAt: Math.max(lookedAt, 1), ranOut: false }
}

interface Collectable {
  seenByAll: number
  /** Epoch milliseconds. */
  keepSince: number
  limit: number
}

/** Marks tombstones, oldest first, and raises the floor to the last of them, in one transaction: no pull may miss one. */
async function collectTombstones(db: SyncWriter, workspaceId: string, { seenByAll, keepSince, limit }: Collectable): Promise<number> {
  const tombstones = await db.query('change_log')
    .withIndex('by_tombstone', q => q.eq('op', 'delete').eq('collected', false).eq('workspace_id', workspaceId))
    .take(limit)
  const count = countCollectable(tombstones.map(row => ({ serverVersion: row.server_version, writtenAt: row.written_at })), { seenByAll, keepSince })
  const collected = tombstones.slice(0, count)
  const last: SyncDoc<'change_log'> | undefined = collected.at(-1)
  if (!last) return 0
  const counter = await db.query('sync_counters').withIndex('by_workspace', q => q.eq('workspace_id', workspaceId)).unique()
  await Promise.all([
    ...collected.map(row => db.patch(row._id, { collected: true })),
    counter && db.patch(counter._id, { gc_floor: Math.max(counter.gc_floor, last.server_version) }),
  ])
  return collected.length
}
