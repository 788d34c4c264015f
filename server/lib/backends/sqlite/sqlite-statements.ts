import type { DatabaseSync, StatementSync } from 'node:sqlite'

export type SqliteStatements = ReturnType<typeof prepareStatements>

/** Every statement that runs often, prepared once. */
export function prepareStatements(db: DatabaseSync) {
  return {
    epoch: db.prepare('SELECT value FROM meta WHERE key = \'epoch\''),
    setEpoch: db.prepare('UPDATE meta SET value = ? WHERE key = \'epoch\''),
    dataVersion: db.prepare('PRAGMA data_version'),

    workspace: db.prepare('SELECT id, version, gc_floor, commits, purged_before, hand FROM workspaces WHERE name = ?'),
    workspaceVersion: db.prepare('SELECT version FROM workspaces WHERE name = ?'),
    addWorkspace: db.prepare('INSERT INTO workspaces (name) VALUES (?) RETURNING id, version, gc_floor, commits, purged_before, hand'),
    commit: db.prepare('UPDATE workspaces SET version = ?, commits = ? WHERE id = ?'),
    keepHand: db.prepare('UPDATE workspaces SET hand = ? WHERE id = ?'),
    rename: db.prepare('UPDATE workspaces SET name = ? WHERE id = ?'),
    raiseFloor: db.prepare('UPDATE workspaces SET gc_floor = max(gc_floor, ?) WHERE id = ?'),

    addErased: db.prepare('INSERT INTO workspaces (name, version, gc_floor, commits, purged_before) VALUES (?, ?, ?, ?, ?)'),
    hidden: db.prepare('SELECT id FROM workspaces WHERE name >= ? AND name < ? LIMIT 1'),
    removeWorkspace: db.prepare('DELETE FROM workspaces WHERE id = ?'),
    erasing: {
      records: {
        find: db.prepare('SELECT rowid AS id, coalesce(octet_length(payload), 0) AS bytes FROM records WHERE workspace = ? LIMIT ?'),
        remove: db.prepare('DELETE FROM records WHERE rowid = ?'),
      },
      devices: { find: db.prepare('SELECT rowid AS id, 0 AS bytes FROM devices WHERE workspace = ? LIMIT ?'), remove: db.prepare('DELETE FROM devices WHERE rowid = ?') },
      results: { find: db.prepare('SELECT rowid AS id, length AS bytes FROM results WHERE workspace = ? LIMIT ?'), remove: db.prepare('DELETE FROM results WHERE rowid = ?') },
    },

    // SQLite finds `octet_length` in the row's header and does not read the text.
    record: db.prepare(`SELECT rowid AS id, tbl, pk, version, op, clock, hlc, op_id, device_id, collected, octet_length(payload) AS bytes FROM records
      WHERE workspace = ? AND tbl = ? AND pk = ?`),
    wholeRecord: db.prepare(`SELECT ${pageColumns}, collected FROM records WHERE workspace = ? AND tbl = ? AND pk = ?`),
    list: createListStatements(db),
    anyRecord: db.prepare('SELECT 1 FROM records WHERE workspace = ? AND tbl = ? LIMIT 1'),
    payloads: db.prepare('SELECT tbl, pk, payload FROM records WHERE rowid IN (SELECT value FROM json_each(?))'),
    writeRecord: db.prepare(`INSERT INTO records (workspace, tbl, pk, version, op, clock, hlc, op_id, device_id, written_at, collected, payload)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)
      ON CONFLICT (workspace, tbl, pk) DO UPDATE SET version = excluded.version, op = excluded.op, clock = excluded.clock, hlc = excluded.hlc,
        op_id = excluded.op_id, device_id = excluded.device_id, written_at = excluded.written_at, collected = 0, payload = excluded.payload`),

    memory: db.prepare('SELECT memory FROM results WHERE workspace = ? AND user_id = ? AND node = ?'),
    remember: db.prepare(`INSERT INTO results (workspace, user_id, node, seen_at, length, memory) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (workspace, user_id, node) DO UPDATE SET seen_at = excluded.seen_at, length = excluded.length, memory = excluded.memory`),
    writers: db.prepare('SELECT node, length FROM results WHERE workspace = ? AND user_id = ? ORDER BY seen_at DESC'),
    forgetWriter: db.prepare('DELETE FROM results WHERE workspace = ? AND user_id = ? AND node = ?'),
    // `moveDevice` and `idleDevices` as SQL.
    moveCursor: db.prepare(`INSERT INTO devices (workspace, user_id, device_id, seen_at, cursor) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (workspace, user_id, device_id) DO UPDATE SET seen_at = excluded.seen_at, cursor = max(coalesce(cursor, 0), excluded.cursor)`),
    device: db.prepare('SELECT 1 FROM devices WHERE workspace = ? AND user_id = ? AND device_id = ?'),
    forgetIdleDevices: db.prepare(`DELETE FROM devices WHERE rowid IN (
      SELECT rowid FROM devices WHERE workspace = ? AND user_id = ? AND device_id <> ? ORDER BY seen_at DESC LIMIT -1 OFFSET ?)`),

    // `seenByAll` as SQL.
    lowestLiveCursor: db.prepare('SELECT min(cursor) AS cursor FROM devices WHERE workspace = ? AND seen_at >= ?'),
    nextWithTombstones: db.prepare(`SELECT workspace FROM records INDEXED BY tombstones
      WHERE collected = 0 AND op = 'delete' AND workspace > ? ORDER BY workspace LIMIT 1`),
    oldestTombstones: db.prepare(`SELECT version AS serverVersion, written_at AS writtenAt FROM records INDEXED BY tombstones
      WHERE collected = 0 AND op = 'delete' AND workspace = ? ORDER BY version LIMIT ?`),
    collect: db.prepare(`UPDATE records INDEXED BY tombstones SET collected = 1
      WHERE collected = 0 AND op = 'delete' AND workspace = ? AND version <= ?`),
    // `isPurgeable` and `laterPurge` as SQL.
    purge: db.prepare(`DELETE FROM records WHERE rowid IN (
      SELECT rowid FROM records INDEXED BY collected_tombstones WHERE collected = 1 AND written_at < ? LIMIT ?) RETURNING workspace`),
    notePurge: db.prepare('UPDATE workspaces SET purged_before = max(coalesce(purged_before, 0), ?) WHERE id = ?'),
    lookAtDevices: db.prepare('SELECT rowid AS id, seen_at AS seenAt, 0 AS length FROM devices WHERE rowid > ? ORDER BY rowid LIMIT ?'),
    forgetDevice: db.prepare('DELETE FROM devices WHERE rowid = ?'),
    lookAtResults: db.prepare('SELECT rowid AS id, seen_at AS seenAt, length FROM results WHERE rowid > ? ORDER BY rowid LIMIT ?'),
    forgetResult: db.prepare('DELETE FROM results WHERE rowid = ?'),

    scanEndUp: db.prepare(`SELECT version FROM records INDEXED BY feed
      WHERE workspace = ? AND collected = 0 AND version > ? ORDER BY version LIMIT 1 OFFSET ?`),
    scanEndDown: db.prepare(`SELECT version FROM records INDEXED BY feed
      WHERE workspace = ? AND collected = 0 AND version < ? ORDER BY version DESC LIMIT 1 OFFSET ?`),
    pull: createPullStatements(db),
  }
}

const pageColumns = 'tbl, pk, version, op, clock, hlc, op_id, device_id, payload'

/**
 * One prepared statement for each form of pull. Its filter is `pageFilter` as SQL. The index has all columns of the filter, so rows that are
 * left out are never read. The first bound (`pageStart`) is exclusive, the second inclusive.
 */
function createPullStatements(db: DatabaseSync): (form: { descending: boolean, putsOnly: boolean, tables: number }) => StatementSync {
  const prepared = new Map<string, StatementSync>()
  return ({ descending, putsOnly, tables }) => {
    const where = [
      `workspace = ? AND collected = 0 AND ${descending ? 'version < ? AND version >= ?' : 'version > ? AND version <= ?'}`,
      ...putsOnly ? ['op = \'put\''] : [],
      ...tables > 0 ? [`tbl IN (${Array.from({ length: tables }, () => '?').join(', ')})`] : [],
    ]
    const sql = `SELECT ${pageColumns} FROM records INDEXED BY feed WHERE ${where.join(' AND ')} ORDER BY version ${descending ? 'DESC' : 'ASC'} LIMIT ?`
    let statement = prepared.get(sql)
    if (!statement) prepared.set(sql, statement = db.prepare(sql))
    return statement
  }
}

/** One prepared statement for each form of a `keyRange`, on the index of the table's keys. SQLite compares keys by their UTF-8 bytes. */
function createListStatements(db: DatabaseSync): (form: { descending: boolean, includesLower: boolean, hasUpper: boolean }) => StatementSync {
  const prepared = new Map<string, StatementSync>()
  return ({ descending, includesLower, hasUpper }) => {
    const range = `pk ${includesLower ? '>=' : '>'} ?${hasUpper ? ' AND pk < ?' : ''}`
    const sql = `SELECT ${pageColumns} FROM records WHERE workspace = ? AND tbl = ? AND ${range} AND op = 'put' ORDER BY pk ${descending ? 'DESC' : 'ASC'} LIMIT ?`
    let statement = prepared.get(sql)
    if (!statement) prepared.set(sql, statement = db.prepare(sql))
    return statement
  }
}
