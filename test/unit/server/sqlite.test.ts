import { fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BackendUnavailableError } from '../../../server/lib/errors/backend-unavailable-error'
import { sqliteBackend } from '../../../server/lib/backends/sqlite/sqlite'
import { acceptedOp, NOW } from './support/make-op'

const PULL = { workspaceId: 'w1', cursor: 0, limit: 100, order: 'asc', bootstrap: false, maxBytes: 1_000_000 } as const

/** A process that pushes batches of ten through the real backend for ever and reports each version it was told. */
async function bundleWriter(folder: string): Promise<string> {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const outfile = join(folder, 'writer.mjs')
  await build({
    stdin: {
      resolveDir: root,
      loader: 'ts',
      contents: `
        import { sqliteBackend } from './server/lib/backends/sqlite/sqlite'
        import { acceptedOp, NOW } from './test/unit/server/support/make-op'
        const backend = sqliteBackend({ path: process.argv[2] })
        for (let n = 0; ; n += 10) {
          const items = Array.from({ length: 10 }, (_, index) => acceptedOp({ pk: String(n + index) }))
          const outcome = await backend.push({ workspaceId: 'w1', userId: 'ada', items, now: NOW })
          await new Promise(resolve => process.send(outcome.serverVersion, resolve))
        }`,
    },
    bundle: true, platform: 'node', format: 'esm', outfile, alias: { '#or3-sync': join(root, 'src/runtime') }, logLevel: 'silent',
  })
  return outfile
}

describe('sqlite backend, as a file', () => {
  let folder: string
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'or3-sqlite-')) })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))
  const pathOf = (name: string) => join(folder, name)
  const push = (backend: ReturnType<typeof sqliteBackend>, pk: string, clock = 1) =>
    backend.push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp({ pk, clock })], now: NOW })

  it('makes its folder and keeps rows, versions and epoch when it is opened again', async () => {
    const path = pathOf('some/where/store.sqlite')
    const first = sqliteBackend({ path })
    await push(first, 'a')
    const { epoch } = await first.pull(PULL)
    await first.close()
    const again = sqliteBackend({ path })
    const page = await again.pull(PULL)
    expect(page).toMatchObject({ epoch, latestVersion: 1, rows: [{ pk: 'a' }] })
    expect(await push(again, 'b')).toMatchObject({ serverVersion: 2 })
    await again.close()
  })

  it('lets two servers share a file: versions without holes, and each hears of the other', async () => {
    const path = pathOf('shared.sqlite')
    const [one, two] = [sqliteBackend({ path, pollMs: 5 }), sqliteBackend({ path, pollMs: 5 })]
    const heard = new Promise<void>((resolve) => { two.watch('w1', resolve) })
    await push(one, 'a')
    await heard
    expect(await push(two, 'b')).toMatchObject({ serverVersion: 2 })
    expect(await push(one, 'c')).toMatchObject({ serverVersion: 3 })
    expect((await two.pull(PULL)).rows.map(row => row.serverVersion)).toEqual([1, 2, 3])
    await one.close()
    await two.close()
  })

  it('still has every acknowledged batch after the process is killed in the middle of pushing', async () => {
    const path = pathOf('killed.sqlite')
    const child = fork(await bundleWriter(folder), [path], { stdio: 'ignore' })
    let acknowledged = 0
    child.on('message', (version) => {
      acknowledged = Number(version)
      if (acknowledged >= 200) child.kill('SIGKILL')
    })
    await once(child, 'exit')
    const backend = sqliteBackend({ path })
    const page = await backend.pull({ ...PULL, limit: 2_000 })
    expect(page.latestVersion).toBeGreaterThanOrEqual(acknowledged)
    expect(page.latestVersion % 10, 'a batch is there whole or not at all').toBe(0)
    expect(page.rows.map(row => row.serverVersion)).toEqual(Array.from({ length: page.latestVersion }, (_, index) => index + 1))
    expect(await push(backend, 'next')).toMatchObject({ serverVersion: page.latestVersion + 1 })
    await backend.close()
  })

  describe('says in one line why a file cannot be opened', () => {
    const reason = (path: string, maxBytes?: number) => {
      try { sqliteBackend({ path, maxBytes }) }
      catch (error) { return (error as Error).message.replace(`[or3-sync] cannot open the SQLite store ${path}: `, '') }
      throw new Error('it was opened')
    }
    const storeWith = async (name: string, rows: number) => {
      const backend = sqliteBackend({ path: pathOf(name) })
      await backend.push({ workspaceId: 'w1', userId: 'ada', items: Array.from({ length: rows }, (_, index) => acceptedOp({ pk: String(index) })), now: NOW })
      await backend.close()
      return pathOf(name)
    }
    const overwrite = (path: string, bytes: number[], from: number) => {
      const file = openSync(path, 'r+')
      writeSync(file, Buffer.from(bytes), 0, bytes.length, from)
      closeSync(file)
    }

    it('something else', () => {
      writeFileSync(pathOf('text.sqlite'), 'this is no database, whatever its name says'.repeat(50))
      expect(reason(pathOf('text.sqlite'))).toBe('it is no SQLite database; name another file, or restore a backup (file is not a database)')
    })

    it('a path that leads through a file', () => {
      writeFileSync(pathOf('file'), '')
      expect(reason(join(pathOf('file'), 'below.sqlite'))).toMatch(/^[^\n]+$/)
    })

    it('locked by another process', async () => {
      const path = await storeWith('locked.sqlite', 1)
      const other = new DatabaseSync(path)
      other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
      expect(reason(path)).toMatch(/^another process holds it locked; .* \(database is locked\)$/)
      other.close()
    })

    it('read-only', async () => {
      const path = await storeWith('readonly.sqlite', 1)
      // A write version from the future: SQLite reads such a file and never writes it. Permissions do not stop root.
      overwrite(path, [3], 18)
      expect(reason(path)).toMatch(/^it is read-only; .* \(attempt to write a readonly database\)$/)
    })

    it('damaged', async () => {
      const path = await storeWith('damaged.sqlite', 1)
      // The page of the schema itself.
      overwrite(path, Array.from({ length: 400 }, () => 0xFF), 100)
      expect(reason(path)).toMatch(/^it is damaged; restore a backup \(.*malformed.*\)$/)
    })

    it('a full disk', () => {
      expect(reason(pathOf('full.sqlite'), 4_096)).toMatch(/^the disk is full, .* \(database or disk is full\)$/)
    })
  })

  it('a full disk is the store being away: reading goes on, nothing is half written, and all is well when there is space again', async () => {
    const path = pathOf('full.sqlite')
    const full = sqliteBackend({ path, maxBytes: 200_000 })
    const batch = (from: number) => ({ workspaceId: 'w1', userId: 'ada', items: Array.from({ length: 50 }, (_, index) => acceptedOp({ pk: String(from + index) })), now: NOW })
    let stored = 0
    for (let failure: unknown; !failure;) {
      await full.push(batch(stored)).then(() => { stored += 50 }, (error: unknown) => { failure = error })
      if (failure) expect(failure).toBeInstanceOf(BackendUnavailableError)
    }
    expect(stored).toBeGreaterThan(0)
    expect(await full.pull({ ...PULL, limit: 2_000 })).toMatchObject({ latestVersion: stored, nextCursor: stored })
    await full.health()
    await full.close()
    const roomy = sqliteBackend({ path })
    expect(await roomy.push(batch(stored))).toMatchObject({ serverVersion: stored + 50, applied: 50 })
    await roomy.close()
  })

  it('an erased workspace is in no byte of the file, its log or its free pages', async () => {
    const path = pathOf('erased.sqlite')
    const backend = sqliteBackend({ path })
    const secret = 'the quick brown secret'
    const put = (pk: string, clock: number, length: number) => acceptedOp({ pk, clock, device: 'device-of-ada', payload: { id: pk, title: secret.repeat(length) }, base: null })
    await backend.push({ workspaceId: 'workspace-of-ada', userId: 'ada@example.com', items: ['a', 'b', 'c'].map(pk => put(pk, 1, 500)), now: NOW })
    await backend.push({ workspaceId: 'workspace-of-ada', userId: 'ada@example.com', items: [put('a', 2, 1)], now: NOW })
    await backend.updateCursor({ workspaceId: 'workspace-of-ada', userId: 'ada@example.com', deviceId: 'device-of-ada', version: 4, now: NOW })
    await push(backend, 'kept')
    const files = () => readdirSync(folder).map(name => readFileSync(pathOf(name), 'latin1')).join()
    const traces = () => [secret, 'workspace-of-ada', 'ada@example.com', 'device-of-ada'].filter(text => files().includes(text))
    expect(traces()).toHaveLength(4)
    expect(await backend.erase('workspace-of-ada')).toEqual({ records: 3, devices: 1 })
    expect(traces(), 'while the server runs').toEqual([])
    await backend.close()
    expect(traces(), 'after it has stopped').toEqual([])
    expect(files()).toContain('title of kept')
  })

  it('a batch that is refused whole makes no workspace, and gives an erased one its name not back', async () => {
    const path = pathOf('refused.sqlite')
    const backend = sqliteBackend({ path })
    const refused = { kind: 'rejected', opId: null, errorCode: 'VALIDATION_ERROR', error: 'payload: must be an object' } as const
    const pushTo = (workspaceId: string, item: typeof refused | ReturnType<typeof acceptedOp>) => backend.push({ workspaceId, userId: 'ada', items: [item], now: NOW })
    expect(await pushTo('never-written-to', refused)).toMatchObject({ results: [{ success: false }], serverVersion: 0, applied: 0 })
    await pushTo('written-to', acceptedOp({ pk: 'a' }))
    await backend.erase('written-to')
    await pushTo('written-to', refused)
    await backend.close()
    const files = readdirSync(folder).map(name => readFileSync(pathOf(name), 'latin1')).join()
    expect(['never-written-to', 'written-to'].filter(name => files.includes(name))).toEqual([])
  })

  it('counts a store that is locked or closed as away, not as an error of the request', async () => {
    const path = pathOf('locked.sqlite')
    const backend = sqliteBackend({ path })
    await push(backend, 'a')
    await backend.close()
    await expect(backend.health()).rejects.toBeInstanceOf(BackendUnavailableError)
    await expect(push(backend, 'b')).rejects.toBeInstanceOf(BackendUnavailableError)
  })
})
