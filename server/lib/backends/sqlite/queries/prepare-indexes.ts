import { setTimeout as wait } from 'node:timers/promises'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import type { BackendPrepare } from '../../backend'
import { runInWorker } from './index-worker'
import type { LongWork } from '../long-work'
import { QUERY_INDEX_PREFIX, queryIndex } from './query-index'
import type { SqliteConnection } from '../sqlite-connection'

/** A store of this many records gets an index in some milliseconds, so it needs no thread for it. */
const SMALL_ROWS = 2_000
/** A larger store gets its indexes only when `mayTakeLong`. For this many records, one takes one or two seconds, and writers wait that long. */
const START_ROWS = 250_000
/** Milliseconds between two indexes, in which other writers get the lock. */
const PAUSE_MS = 250
/** How long a new index waits for the lock, in milliseconds. */
const LOCK_MS = 10_000

export interface IndexContext {
  connection: SqliteConnection
  longWork: LongWork
  /** Null: the store is in memory. */
  path: string | null
}

/**
 * Makes the indexes of SQLite that the schema's declared indexes need, and drops those that are no longer declared. Only the process with the
 * highest version of the schema does this: during a deployment, old and new processes share the file.
 *
 * @throws the error of SQLite, such as for a full disk; what was made until then stays
 */
export async function prepareIndexes(context: IndexContext, { schema, mayTakeLong }: BackendPrepare): Promise<void> {
  const { connection, longWork } = context
  if (!await isNewest(connection, schema.version)) return
  const wanted = wantedIndexes(schema)
  const { names, records } = await connection.read(() => lookAt(connection))
  for (const name of names) {
    if (!wanted.has(name) && !longWork.isEnding) await connection.transaction('BEGIN IMMEDIATE', () => connection.db.exec(`DROP INDEX IF EXISTS ${name}`))
  }
  if (records > START_ROWS && !mayTakeLong) return
  for (const [name, sql] of wanted) {
    if (names.includes(name) || longWork.isEnding) continue
    if (records <= SMALL_ROWS || context.path === null) await connection.transaction('BEGIN IMMEDIATE', () => connection.db.exec(sql))
    else await makeApart(context.path, connection, sql)
  }
}

async function makeApart(path: string, connection: SqliteConnection, sql: string): Promise<void> {
  // Throws if the file is gone. The worker would make an empty one.
  await connection.read(() => undefined)
  await runInWorker(path, sql, LOCK_MS)
  await wait(PAUSE_MS)
}

/** By name: the statements that make them. */
function wantedIndexes(schema: SyncSchema): Map<string, string> {
  return new Map(Object.values(schema.tables).flatMap(table => table.indexes.flatMap((index): [string, string][] => {
    const found = queryIndex(table, index)
    return found ? [[found.name, found.sql]] : []
  })))
}

/** Notes the version of the schema. @returns false: a process with a newer one has been here */
async function isNewest(connection: SqliteConnection, version: number): Promise<boolean> {
  const noted = () => Number(connection.db.prepare('SELECT value FROM meta WHERE key = \'query_schema\'').get()?.value ?? 0)
  const before = await connection.read(noted)
  if (before >= version) return before === version
  return await connection.transaction('BEGIN IMMEDIATE', () => {
    if (noted() > version) return false
    connection.db.prepare('INSERT INTO meta (key, value) VALUES (\'query_schema\', ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(String(version))
    return true
  })
}

function lookAt({ db }: SqliteConnection): { names: string[], records: number } {
  const names = db.prepare('SELECT name FROM sqlite_master WHERE type = \'index\' AND substr(name, 1, ?) = ?').all(QUERY_INDEX_PREFIX.length, QUERY_INDEX_PREFIX)
  // Not counted, because that would read the whole file. The highest rowid is never far below the count.
  const { highest } = db.prepare('SELECT max(rowid) AS highest FROM records').get() as { highest: number | null }
  return { names: names.map(({ name }) => String(name)), records: highest ?? 0 }
}
