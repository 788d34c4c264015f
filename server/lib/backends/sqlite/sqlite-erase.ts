import { setImmediate as nextTurn } from 'node:timers/promises'
import { blurHistory, decodeHistory, encodeHistory } from '#or3-sync/shared/sync/store/commit-history'
import type { EraseCounts } from '../backend'
import { BackendUnavailableError } from '../../errors/backend-unavailable-error'
import { erasedNameOf, erasingNames } from './hidden-names'
import type { SqliteConnection } from './sqlite-connection'
import type { WorkspaceRow } from './sqlite-rows'
import type { SqliteStatements } from './sqlite-statements'

/** Rows, and stored bytes, removed in one transaction. Overwriting them takes some milliseconds, and other writers wait meanwhile. */
const SLICE_ROWS = 250
const SLICE_BYTES = 1024 * 1024

export interface SqliteEraseContext {
  connection: SqliteConnection
  sql: SqliteStatements
}

/**
 * Hides a workspace in one short step; `removeErased` removes its rows. The workspace is renamed, so nobody finds it. An empty one under a
 * hashed name keeps a higher version, from which the workspace continues if somebody writes to it again.
 */
export function hideWorkspace(sql: SqliteStatements, workspaceId: string): void {
  const workspace = sql.workspace.get(workspaceId) as unknown as WorkspaceRow | undefined
  if (!workspace) return
  const version = workspace.version + 1
  sql.rename.run(`${erasingNames(workspaceId).from}${workspace.id}`, workspace.id)
  sql.addErased.run(erasedNameOf(workspaceId), version, version, encodeHistory(blurHistory(decodeHistory(workspace.commits), version)), workspace.purged_before)
}

/**
 * Removes the rows of a hidden workspace, or of all hidden ones, in slices with a turn of the event loop between them. After a crash the next
 * call removes the rest.
 */
export async function removeErased({ connection, sql }: SqliteEraseContext, workspaceId?: string): Promise<EraseCounts> {
  const counts: EraseCounts = { records: 0, devices: 0 }
  const { from, to } = erasingNames(workspaceId)
  for (;;) {
    const hidden = await connection.read(() => sql.hidden.get(from, to) as { id: number } | undefined)
    if (!hidden) return counts
    counts.records += await removeRows({ connection, sql }, 'records', hidden.id)
    counts.devices += await removeRows({ connection, sql }, 'devices', hidden.id)
    await removeRows({ connection, sql }, 'results', hidden.id)
    await connection.transaction('BEGIN IMMEDIATE', () => sql.removeWorkspace.run(hidden.id))
  }
}

async function removeRows({ connection, sql }: SqliteEraseContext, table: 'records' | 'devices' | 'results', workspace: number): Promise<number> {
  const { find, remove } = sql.erasing[table]
  let count = 0
  for (let removed = 1; removed > 0;) {
    removed = await connection.transaction('BEGIN IMMEDIATE', () => {
      const slice = firstOf(find.all(workspace, SLICE_ROWS) as unknown as { id: number, bytes: number }[])
      for (const id of slice) remove.run(id)
      return slice.length
    })
    count += removed
    await nextTurn()
  }
  return count
}

/** The ids of the first rows that fit into one slice, at least one. */
function firstOf(rows: readonly { id: number, bytes: number }[]): number[] {
  let bytes = 0
  const end = rows.findIndex((row, index) => (bytes += row.bytes) > SLICE_BYTES && index > 0)
  return (end < 0 ? rows : rows.slice(0, end)).map(({ id }) => id)
}

/**
 * Empties the write-ahead log, which has older copies of the erased pages. In the file itself, `secure_delete` has overwritten the rows.
 *
 * @throws BackendUnavailableError while another process still reads from the log
 */
export async function emptyLog(connection: SqliteConnection): Promise<void> {
  const { busy } = await connection.patiently(
    () => connection.db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number },
    result => result.busy === 0,
  )
  if (busy === 0) return
  throw new BackendUnavailableError('the workspace is gone, but the log beside the SQLite file still has older copies of its rows, because another process is reading from it; '
    + 'end that read or that process, then erase the workspace again')
}
