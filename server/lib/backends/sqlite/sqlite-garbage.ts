import type { StatementSync } from 'node:sqlite'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { countCollectable, gcTimes, isSilent } from '#or3-sync/shared/sync/store/collectable'
import type { GcTimes, Tombstone } from '#or3-sync/shared/sync/store/collectable'
import { NO_BOUND } from '#or3-sync/shared/sync/store/feed-page'
import type { BackendGc, GcCounts } from '../backend'
import type { LongWork } from './long-work'
import type { SqliteConnection } from './sqlite-connection'
import { removeErased } from './sqlite-erase'
import type { SqliteStatements } from './sqlite-statements'

/** Rows changed in one transaction: some milliseconds, during which other writers wait. */
const SLICE_ROWS = 250
/** Rows whose age is checked in one transaction. */
const LOOK_ROWS = 2_000
/** Stored characters removed in one transaction. */
const SLICE_LENGTH = 1024 * 1024

export interface SqliteGarbageContext {
  connection: SqliteConnection
  sql: SqliteStatements
  longWork: LongWork
}

/**
 * Collects garbage in slices. Each slice is a transaction of its own, followed by a turn of the event loop. If the store is about to close,
 * the rest is left for the next run.
 */
export async function collectGarbage(context: SqliteGarbageContext, request: BackendGc): Promise<GcCounts> {
  const times = gcTimes(request)
  const { workspaces, tombstones } = await collectTombstones(context, times)
  const purged = request.purgeBefore === undefined ? 0 : await purge(context, request.purgeBefore)
  await forgetSilent(context, 'results', times)
  const devices = await forgetSilent(context, 'devices', times)
  // Rows that an interrupted erasure has left.
  if (!context.longWork.isEnding) await removeErased(context)
  return { workspaces, tombstones, devices, purged }
}

/** Only workspaces that have tombstones in their feed are visited. */
async function collectTombstones({ connection, sql, longWork }: SqliteGarbageContext, times: GcTimes): Promise<Pick<GcCounts, 'workspaces' | 'tombstones'>> {
  const counts = { workspaces: 0, tombstones: 0 }
  for (let workspace = await next(0); workspace !== undefined; workspace = await next(workspace)) {
    if (longWork.isEnding) break
    counts.workspaces++
    for (let collected = SLICE_ROWS; collected === SLICE_ROWS && !longWork.isEnding;) {
      collected = await connection.transaction('BEGIN IMMEDIATE', () => collectSlice(sql, workspace!, times))
      counts.tombstones += collected
      await nextTurn()
    }
  }
  return counts

  function next(after: number): Promise<number | undefined> {
    return connection.read(() => (sql.nextWithTombstones.get(after) as { workspace: number } | undefined)?.workspace)
  }
}

/** Takes the oldest tombstones out of the feed and raises the floor to the last of them. @returns how many */
function collectSlice(sql: SqliteStatements, workspace: number, { liveSince, keepSince }: GcTimes): number {
  const live = sql.lowestLiveCursor.get(workspace, liveSince) as { cursor: number | null }
  const oldest = sql.oldestTombstones.all(workspace, SLICE_ROWS) as unknown as Tombstone[]
  const count = countCollectable(oldest, { seenByAll: live.cursor ?? NO_BOUND, keepSince })
  const floor = oldest[count - 1]?.serverVersion
  if (floor === undefined) return 0
  sql.collect.run(workspace, floor)
  sql.raiseFloor.run(floor, workspace)
  return count
}

/**
 * Forgets old deleted records, and notes the time in their workspaces. From then on, older puts of unknown records are refused, even if the
 * setting changes later.
 */
async function purge({ connection, sql, longWork }: SqliteGarbageContext, before: number): Promise<number> {
  let count = 0
  for (let purged = SLICE_ROWS; purged === SLICE_ROWS && !longWork.isEnding;) {
    purged = await connection.transaction('BEGIN IMMEDIATE', () => purgeSlice(sql, before))
    count += purged
    await nextTurn()
  }
  return count
}

function purgeSlice(sql: SqliteStatements, before: number): number {
  const forgotten = sql.purge.all(before, SLICE_ROWS) as unknown as { workspace: number }[]
  for (const id of new Set(forgotten.map(({ workspace }) => workspace))) sql.notePurge.run(before, id)
  return forgotten.length
}

/** Removes the silent rows of a table, oldest row first. @returns how many */
async function forgetSilent({ connection, sql, longWork }: SqliteGarbageContext, table: 'devices' | 'results', times: GcTimes): Promise<number> {
  const statements = table === 'devices' ? { look: sql.lookAtDevices, forget: sql.forgetDevice } : { look: sql.lookAtResults, forget: sql.forgetResult }
  let count = 0
  for (let after: number | undefined = 0; after !== undefined && !longWork.isEnding;) {
    const from: number = after
    const slice = await connection.transaction('BEGIN IMMEDIATE', () => forgetSlice(statements, from, times))
    count += slice.forgotten
    after = slice.next
    await nextTurn()
  }
  return count
}

interface ForgetStatements {
  look: StatementSync
  forget: StatementSync
}

/** @returns `next`: where the next slice begins; undefined at the end of the table */
function forgetSlice({ look, forget }: ForgetStatements, after: number, times: GcTimes): { forgotten: number, next?: number } {
  const rows = look.all(after, LOOK_ROWS) as unknown as { id: number, seenAt: number, length: number }[]
  let [last, forgotten, length] = [after, 0, 0]
  for (const row of rows) {
    if (isSilent(row, times)) {
      if (forgotten === SLICE_ROWS || (forgotten > 0 && length + row.length > SLICE_LENGTH)) return { forgotten, next: last }
      forget.run(row.id)
      forgotten++
      length += row.length
    }
    last = row.id
  }
  return rows.length === LOOK_ROWS ? { forgotten, next: last } : { forgotten }
}
