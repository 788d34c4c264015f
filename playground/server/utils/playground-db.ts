import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'

/** `PLAYGROUND_DB_PATH`, default `.data/playground.sqlite`. */
export function playgroundDbPath(): string {
  return process.env.PLAYGROUND_DB_PATH || '.data/playground.sqlite'
}

let db: DatabaseSync | undefined

/** The demo's own database, apart from the sync store: users, shared workspaces and their members. Opened on first use. */
export function usePlaygroundDb(): DatabaseSync {
  if (db) return db
  const path = playgroundDbPath()
  mkdirSync(dirname(path), { recursive: true })
  // Not imported, because the bundler's list of built-in modules is older and it would warn.
  const sqlite = process.getBuiltinModule?.('node:sqlite')
  if (!sqlite) throw new Error(`the playground needs node:sqlite: Node 22.13 or newer, this is ${process.version}`)
  db = new sqlite.DatabaseSync(path)
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA busy_timeout = 5000;
    CREATE TABLE IF NOT EXISTS users (id TEXT PRIMARY KEY, name TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS workspaces (id TEXT PRIMARY KEY, name TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS members (
      workspace_id TEXT NOT NULL REFERENCES workspaces (id),
      user_id TEXT NOT NULL,
      role TEXT NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
      PRIMARY KEY (workspace_id, user_id)
    ) STRICT;
    CREATE INDEX IF NOT EXISTS members_by_user ON members (user_id);
  `)
  return db
}
