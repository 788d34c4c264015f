import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BackendUnavailableError } from '../../../server/lib/errors/backend-unavailable-error'
import { sqliteBackend } from '../../../server/lib/backends/sqlite/sqlite'
import { hlcNode } from '#or3-sync/shared/sync/protocol/hlc'
import type { SyncSchema } from '#or3-sync/shared/sync/schema/sync-schema'
import { acceptedOp, nextOpId, NOW, wireOp } from './support/make-op'
import { schema, startTestGateway } from './support/test-gateway'

const PULL = { workspaceId: 'w1', cursor: 0, limit: 100, order: 'asc', bootstrap: false, maxBytes: 1_000_000 } as const

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'or3-sqlite-file-'))
  path = join(folder, 'store.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const push = (backend: ReturnType<typeof sqliteBackend>, pk: string) => backend.push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp({ pk })], now: NOW })

function reason(): string {
  try { void sqliteBackend({ path }).close() }
  catch (error) { return (error as Error).message }
  return 'it opened'
}

function write(sql: string): void {
  const db = new DatabaseSync(path)
  db.exec(sql)
  db.close()
}

describe('servers that start at once on a new file', () => {
  it('wait for each other, also where SQLite itself does not', async () => {
    // A writer: the journal's mode cannot be changed beside it, and SQLite says so at once.
    const other = new Worker(`
      const { DatabaseSync } = require('node:sqlite')
      const db = new DatabaseSync(${JSON.stringify(path)})
      db.exec('BEGIN IMMEDIATE')
      require('node:worker_threads').parentPort.postMessage('writing')
      setTimeout(() => db.close(), 300)`, { eval: true })
    const ended = new Promise(resolve => other.once('exit', resolve))
    await new Promise(resolve => other.once('message', resolve))
    const backend = sqliteBackend({ path })
    expect(await push(backend, 'a')).toMatchObject({ status: 'pushed', serverVersion: 1 })
    await backend.close()
    await ended
  })
})

it('a store of before purges were noted is taken as it is', async () => {
  const earlier = sqliteBackend({ path })
  await push(earlier, 'a')
  await earlier.close()
  write('ALTER TABLE workspaces DROP COLUMN purged_before')
  const backend = sqliteBackend({ path })
  expect(await push(backend, 'b')).toMatchObject({ status: 'pushed', serverVersion: 2 })
  await backend.close()
})

it('a store of before the server wrote rows itself is taken as it is, and the clock of its writes goes on after each start', async () => {
  const earlier = sqliteBackend({ path })
  await push(earlier, 'a')
  await earlier.close()
  write('ALTER TABLE workspaces DROP COLUMN hand')
  const hlcs: string[] = []
  for (const now of [NOW, NOW - 86_400_000, NOW + 1]) {
    const backend = sqliteBackend({ path })
    const edits = [{ tableName: 'todos', pk: 'a', opId: nextOpId(), kind: 'put' as const, payload: { id: 'a', title: 'x' } }]
    const outcome = await backend.write({ workspaceId: 'w1', edits, schema: schema as unknown as SyncSchema, now })
    hlcs.push(outcome.ok ? outcome.rows[0]!.stamp.hlc : outcome.message)
    await backend.close()
  }
  expect([...hlcs].sort()).toEqual(hlcs)
  expect(new Set(hlcs).size).toBe(3)
  expect(new Set(hlcs.map(hlcNode)).size).toBe(1)
})

it('a store of format 1 is brought up to today\'s', async () => {
  const earlier = sqliteBackend({ path })
  await push(earlier, 'a')
  await earlier.close()
  write(`ALTER TABLE workspaces DROP COLUMN hand; ALTER TABLE workspaces DROP COLUMN purged_before; ALTER TABLE workspaces DROP COLUMN commits; ALTER TABLE devices ADD COLUMN last_batch TEXT;
    DROP TABLE results; UPDATE meta SET value = '1' WHERE key = 'format'`)
  const backend = sqliteBackend({ path })
  expect(await push(backend, 'b')).toMatchObject({ status: 'pushed', serverVersion: 2 })
  expect((await backend.pull(PULL)).rows.map(({ pk }) => pk)).toEqual(['a', 'b'])
  await backend.close()
})

describe('a database of something else', () => {
  it.each([
    ['tables of other names', 'CREATE TABLE users (id INTEGER); CREATE TABLE posts (id INTEGER)', 'it is the database of something else (tables posts, users); nothing was changed; name another file'],
    ['tables of the same names', 'CREATE TABLE users (id INTEGER); CREATE TABLE devices (id INTEGER, name TEXT)', 'it is the database of something else (tables devices, users); nothing was changed; name another file'],
    ['a meta table of its own', 'CREATE TABLE meta (key TEXT, value TEXT); INSERT INTO meta VALUES (\'format\', \'pretty\')', 'it is the database of something else (tables meta); nothing was changed; name another file'],
  ])('is left as it is, byte for byte: %s', (_, sql, line) => {
    write(sql)
    const before = readFileSync(path)
    expect(reason()).toBe(`[or3-sync] cannot open the SQLite store ${path}: ${line}`)
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(readdirSync(folder), 'nothing is open any more').toEqual(['store.sqlite'])
  })

  it('gains no table where it looks like ours, and has other columns', () => {
    write('CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT); INSERT INTO meta VALUES (\'format\', \'2\'); CREATE TABLE devices (id INTEGER, name TEXT)')
    expect(reason()).toMatch(/its tables are not those of an or3-sync store \(.*no such column.*\); nothing was changed; name another file, or restore a backup$/)
    const db = new DatabaseSync(path)
    expect(db.prepare('SELECT name FROM sqlite_master WHERE type = \'table\' ORDER BY name').all().map(({ name }) => name)).toEqual(['devices', 'meta'])
    db.close()
    expect(readdirSync(folder), 'nothing is open any more').toEqual(['store.sqlite'])
  })

  it('of a later version of or3-sync is named by its format, whatever its tables are like', () => {
    write('CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID; INSERT INTO meta VALUES (\'format\', \'3\'), (\'epoch\', \'e\'); CREATE TABLE records (workspace INTEGER, name TEXT)')
    expect(reason()).toContain('it has format 3, this version of or3-sync reads formats 1 to 2; use the version that wrote it, or name another file')
  })
})

describe('a file that goes away under the server', () => {
  const removals: [string, () => void][] = [
    ['deleted', () => { for (const name of readdirSync(folder)) unlinkSync(join(folder, name)) }],
    ['replaced', () => { renameSync(path, join(folder, 'old')); writeFileSync(path, '') }],
    ['bereft of its log', () => unlinkSync(`${path}-wal`)],
    ['bereft of the index of its log', () => unlinkSync(`${path}-shm`)],
  ]

  it.each(removals)('%s: nothing is acknowledged any more, and the log says why', async (_, remove) => {
    const errors: unknown[] = []
    const gateway = await startTestGateway({ backend: sqliteBackend({ path }), logger: { warn: (_message, fields) => { errors.push(fields?.error) }, error: () => {} } })
    await gateway.push([wireOp({ pk: 'a' })])
    expect((await gateway.get('/health')).status).toBe(200)
    remove()
    const batch = { scope: { workspaceId: 'w1' }, ops: [wireOp({ pk: 'b' })] }
    expect((await gateway.post('/push', batch)).status).toBe(503)
    expect((await gateway.get('/health')).status).toBe(503)
    expect((await gateway.post('/pull', { scope: { workspaceId: 'w1' }, cursor: 0, limit: 10 })).status).toBe(503)
    expect(String(errors[0])).toMatch(/the SQLite store .*store\.sqlite takes nothing: its file .* was deleted, moved or replaced while the server ran; put it back, or restart the server/)
    await gateway.stop()
  })

  it('in the middle of a push: it is not acknowledged', async () => {
    const backend = sqliteBackend({ path })
    await push(backend, 'a')
    // Read by the store inside its transaction.
    const request = {
      workspaceId: 'w1', userId: 'ada', items: [acceptedOp({ pk: 'b' })],
      get now() {
        if (existsSync(path)) renameSync(path, join(folder, 'away'))
        return NOW
      },
    }
    const outcome = await backend.push(request).then(() => 'acknowledged', (error: unknown) => error)
    expect(outcome).toBeInstanceOf(BackendUnavailableError)
    await backend.close()
  })

  it('is served again when it is back, with what was acknowledged', async () => {
    const backend = sqliteBackend({ path })
    await push(backend, 'a')
    renameSync(path, join(folder, 'away'))
    await expect(push(backend, 'b')).rejects.toThrow(BackendUnavailableError)
    renameSync(join(folder, 'away'), path)
    expect((await backend.pull(PULL)).rows.map(({ pk }) => pk)).toEqual(['a'])
    await backend.close()
  })
})

describe('GET /health of a store that takes no writes', () => {
  it('says so until one is stored again, goes on serving, and writes nothing itself', async () => {
    let isFull = false
    const backend = sqliteBackend({ path })
    const store = { ...backend, id: 'sqlite', pull: backend.pull.bind(backend), health: backend.health.bind(backend), close: backend.close.bind(backend), latestVersion: backend.latestVersion.bind(backend), watch: backend.watch.bind(backend) }
    const gateway = await startTestGateway({
      backend: Object.assign(store, { push: async (request: Parameters<typeof backend.push>[0]) => {
        if (isFull) throw new BackendUnavailableError('full')
        return await backend.push(request)
      } }),
    })
    const health = async () => {
      const { status, body } = await gateway.get('/health')
      return [status, body]
    }
    const well = { ok: true, backend: 'sqlite', protocol: 1 }
    const op = wireOp({ pk: 'a' })
    const batch = { scope: { workspaceId: 'w1' }, ops: [op] }
    await gateway.push([op])
    expect(await health()).toEqual([200, well])
    isFull = true
    expect((await gateway.post('/push', { ...batch, ops: [wireOp({ pk: 'b' })] })).status).toBe(503)
    expect(await health()).toEqual([200, { ...well, writes: 'failing' }])
    isFull = false
    // A repeat changes nothing in the store: nobody knows yet.
    await gateway.push([op])
    expect(await health()).toEqual([200, { ...well, writes: 'failing' }])
    await gateway.push([wireOp({ pk: 'c' })])
    expect(await health()).toEqual([200, well])
    await gateway.stop()
  })
})
