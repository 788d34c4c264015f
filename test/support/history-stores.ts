import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { memoryBackend, sqliteBackend, type RestorableBackend, type SyncBackend } from 'or3-sync/server'
import type { AcceptedOp, PushItem } from '#or3-sync/shared/sync/store/push-item'
import { passOn } from '../../src/testing/pass-on'

/** A new, empty store. */
export type OpenStore = () => SyncBackend

const sqliteInMemory: OpenStore = () => sqliteBackend({ path: ':memory:' })

/** For `it.each`: the stores that every history is played on. */
export const STORES: readonly [name: string, open: OpenStore][] = [['memory', memoryBackend], ['SQLite', sqliteInMemory]]
/** The same, for histories in which the store is restored. */
export const RESTORABLE_STORES: readonly [name: string, open: OpenStore][] = [['memory', memoryBackend], ['SQLite', restorableSqlite]]

/** A SQLite store in a file of its own, which can be restored from a copy, as an operator does it. */
export function restorableSqlite(): RestorableBackend {
  const folder = mkdtempSync(join(tmpdir(), 'or3-history-'))
  const path = join(folder, 'store.sqlite')
  // Nobody else writes to the file but a restore, after which every device is disconnected.
  const backend = sqliteBackend({ path, pollMs: 2 ** 31 - 1 })
  let copies = 0
  return {
    ...passOn(backend),
    backUp() {
      const copy = join(folder, `copy-${++copies}.sqlite`)
      withDatabase(path, db => db.prepare('VACUUM INTO ?').run(copy))
      return () => withDatabase(path, db => putBack(db, copy))
    },
    async close() {
      await backend.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A store whose pages have at most so many rows. */
export function pagedBackend(backend: SyncBackend, rows: number): SyncBackend {
  const { backUp } = backend as Partial<RestorableBackend>
  return {
    ...passOn(backend),
    pull: request => backend.pull({ ...request, limit: Math.min(request.limit, rows) }),
    ...backUp ? { backUp: backUp.bind(backend) } : {},
  }
}

function withDatabase(path: string, work: (db: DatabaseSync) => void): void {
  const db = new DatabaseSync(path)
  try { work(db) }
  finally { db.close() }
}

/** Gives every table the rows that it has in the copy. */
function putBack(db: DatabaseSync, copy: string): void {
  db.prepare('ATTACH ? AS backup').run(copy)
  db.exec('BEGIN IMMEDIATE')
  const tables = db.prepare('SELECT name FROM backup.sqlite_master WHERE type = \'table\' AND name NOT LIKE \'sqlite_%\'').all() as { name: string }[]
  for (const { name } of tables) db.exec(`DELETE FROM main.${name}; INSERT INTO main.${name} SELECT * FROM backup.${name}`)
  db.exec('COMMIT')
}

/** A store that refuses some ops for good, as if they failed the schema. It answers with its own row of the record. */
export function rejectingBackend(backend: SyncBackend, isRejected: (op: AcceptedOp) => boolean): SyncBackend {
  const reject = (item: PushItem): PushItem => item.kind === 'op' && isRejected(item)
    ? { kind: 'rejected', opId: item.stamp.opId, errorCode: 'VALIDATION_ERROR', error: 'not today', record: { tableName: item.tableName, pk: item.pk } }
    : item
  return { ...passOn(backend), push: request => backend.push({ ...request, items: request.items.map(reject) }) }
}
