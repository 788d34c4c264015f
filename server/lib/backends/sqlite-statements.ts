import type { DatabaseSync, StatementSync } from 'node:sqlite'

export type SqliteStatements = ReturnType<typeof prepareStatements>

/** Every statement that runs often, prepared once. */
export function prepareStatements(db: DatabaseSync) {
  const columns = 'tbl, pk, version, op, clock, hlc, op_id, device_id, collected'
  return {
    epoch: db.prepare('SELECT value FROM meta WHERE key = \'epoch\''),
    setEpoch: db.prepare('UPDATE meta SET value = ? WHERE key = \'epoch\''),
    dataVersion: db.prepare('PRAGMA data_version'),

    workspace: db.prepare('SELECT id, version, gc_floor, commits FROM workspaces WHERE name = ?'),
    workspaces: db.prepare('SELECT id FROM workspaces'),
    addWorkspace: db.prepare('INSERT INTO workspaces (name) VALUES (?) RETURNING id, version, gc_floor, commits'),
    commit: db.prepare('UPDATE workspaces SET version = ?, commits = ? WHERE id = ?'),
    rename: db.prepare('UPDATE workspaces SET name = ? WHERE id = ?'),
    eraseRecords: db.prepare('DELETE FROM records WHERE workspace = ?'),
    eraseDevices: db.prepare('DELETE FROM devices WHERE workspace = ?'),
    eraseResults: db.prepare('DELETE FROM results WHERE workspace = ?'),
    closeErased: db.prepare('UPDATE workspaces SET name = ?, version = version + 1, gc_floor = version + 1, commits = ? WHERE id = ?'),
    raiseFloor: db.prepare('UPDATE workspaces SET gc_floor = max(gc_floor, ?) WHERE id = ?'),

    record: db.prepare(`SELECT rowid AS id, ${columns} FROM records WHERE workspace = ? AND tbl = ? AND pk = ?`),
    payload: db.prepare('SELECT payload FROM records WHERE rowid = ?'),
    writeRecord: db.prepare(`INSERT INTO records (workspace, tbl, pk, version, op, clock, hlc, op_id, device_id, written_at, collected, payload)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)
      ON CONFLICT (workspace, tbl, pk) DO UPDATE SET version = excluded.version, op = excluded.op, clock = excluded.clock, hlc = excluded.hlc,
        op_id = excluded.op_id, device_id = excluded.device_id, written_at = excluded.written_at, collected = 0, payload = excluded.payload`),

    memory: db.prepare('SELECT memory FROM results WHERE workspace = ? AND user_id = ? AND node = ?'),
    remember: db.prepare(`INSERT INTO results (workspace, user_id, node, seen_at, length, memory) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (workspace, user_id, node) DO UPDATE SET seen_at = excluded.seen_at, length = excluded.length, memory = excluded.memory`),
    writers: db.prepare('SELECT node, length FROM results WHERE workspace = ? AND user_id = ? ORDER BY seen_at DESC'),
    forgetWriter: db.prepare('DELETE FROM results WHERE workspace = ? AND user_id = ? AND node = ?'),
    moveCursor: db.prepare(`INSERT INTO devices (workspace, user_id, device_id, seen_at, cursor) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (workspace, user_id, device_id) DO UPDATE SET seen_at = excluded.seen_at, cursor = max(coalesce(cursor, 0), excluded.cursor)`),

    lowestLiveCursor: db.prepare('SELECT min(cursor) AS cursor FROM devices WHERE workspace = ? AND seen_at >= ?'),
    collectable: db.prepare(`SELECT max(version) AS floor, count(*) AS count FROM records
      WHERE workspace = ? AND collected = 0 AND op = 'delete' AND (version <= ? OR written_at < ?)`),
    collect: db.prepare(`UPDATE records SET collected = 1
      WHERE workspace = ? AND collected = 0 AND op = 'delete' AND (version <= ? OR written_at < ?)`),
    purge: db.prepare('DELETE FROM records WHERE workspace = ? AND collected = 1 AND written_at < ?'),
    forgetDevices: db.prepare('DELETE FROM devices WHERE seen_at < ?'),
    forgetResults: db.prepare('DELETE FROM results WHERE seen_at < ?'),
  }
}

const pullColumns = 'tbl, pk, version, op, clock, hlc, op_id, device_id, payload'

/** One statement for each form a pull can take; the filter runs on the index, so rows left out are never read. */
export function createPullStatements(db: DatabaseSync): (form: { descending: boolean, putsOnly: boolean, tables: number }) => StatementSync {
  const prepared = new Map<string, StatementSync>()
  return ({ descending, putsOnly, tables }) => {
    const where = [
      `workspace = ? AND collected = 0 AND version ${descending ? '<' : '>'} ?`,
      ...putsOnly ? ['op = \'put\''] : [],
      ...tables > 0 ? [`tbl IN (${Array.from({ length: tables }, () => '?').join(', ')})`] : [],
    ]
    const sql = `SELECT ${pullColumns} FROM records INDEXED BY feed WHERE ${where.join(' AND ')} ORDER BY version ${descending ? 'DESC' : 'ASC'} LIMIT ?`
    let statement = prepared.get(sql)
    if (!statement) prepared.set(sql, statement = db.prepare(sql))
    return statement
  }
}
