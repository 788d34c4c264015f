import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BackendUnavailableError } from '../../../server/lib/backend-unavailable-error'
import { sqliteBackend } from '../../../server/lib/backends/sqlite'
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
        import { sqliteBackend } from './server/lib/backends/sqlite'
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

  it('says in one line why a file cannot be opened', () => {
    writeFileSync(pathOf('text.sqlite'), 'this is no database, whatever its name says'.repeat(50))
    expect(() => sqliteBackend({ path: pathOf('text.sqlite') })).toThrow(/^\[or3-sync\] cannot open the SQLite store .*text\.sqlite: file is not a database$/)
    expect(() => sqliteBackend({ path: join(pathOf('text.sqlite'), 'below.sqlite') })).toThrow(/^\[or3-sync\] cannot open the SQLite store .*$/)
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
