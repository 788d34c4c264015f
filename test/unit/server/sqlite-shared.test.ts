import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BackendUnavailableError } from '../../../server/lib/errors/backend-unavailable-error'
import { sqliteBackend } from '../../../server/lib/backends/sqlite/sqlite'
import type { SyncBackend } from '../../../server/lib/backends/backend'
import { acceptedOp, NOW } from './support/make-op'

const PULL = { workspaceId: 'w1', cursor: 0, limit: 100, order: 'asc', bootstrap: false, maxBytes: 1_000_000 } as const

let folder: string
let path: string
/** Another process on the same file. */
let other: DatabaseSync
const backends: SyncBackend[] = []
const open = (options: { patienceMs?: number, pollMs?: number } = {}) => {
  const backend = sqliteBackend({ path, ...options })
  backends.push(backend)
  return backend
}
const push = (backend: SyncBackend, pk: string, workspaceId = 'w1') => backend.push({ workspaceId, userId: 'ada', items: [acceptedOp({ pk })], now: NOW })

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'or3-sqlite-shared-'))
  path = join(folder, 'store.sqlite')
})
afterEach(async () => {
  if (other?.isOpen) other.close()
  for (const backend of backends.splice(0)) await backend.close()
  rmSync(folder, { recursive: true, force: true })
})

/** How often the event loop turns while something is waited for. */
async function loopsDuring(work: Promise<unknown>): Promise<number> {
  let loops = 0
  const count = setInterval(() => loops++, 1)
  await work.catch(() => {})
  clearInterval(count)
  return loops
}

describe('F39: a file that another process has locked', () => {
  it('is waited for, while the event loop goes on and readers are served', async () => {
    const backend = open()
    await push(backend, 'a')
    other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    const waiting = Promise.all([push(backend, 'b'), push(backend, 'c'), backend.updateCursor({ workspaceId: 'w1', userId: 'ada', deviceId: 'd', version: 1, now: NOW })])
    setTimeout(() => other.exec('COMMIT'), 300)
    const read = backend.pull(PULL).then(page => page.rows.length)
    expect(await loopsDuring(waiting)).toBeGreaterThan(20)
    expect(await read, 'readers need no lock').toBe(1)
    expect((await waiting).slice(0, 2)).toMatchObject([{ applied: 1 }, { applied: 1 }])
    expect((await backend.pull(PULL)).rows.map(row => row.serverVersion)).toEqual([1, 2, 3])
  })

  it('is the store being away where it stays so', async () => {
    const backend = open({ patienceMs: 400 })
    await push(backend, 'a')
    other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    const failing = push(backend, 'b')
    expect(await loopsDuring(failing)).toBeGreaterThan(5)
    await expect(failing).rejects.toThrow(BackendUnavailableError)
    other.exec('COMMIT')
    expect(await push(backend, 'b')).toMatchObject({ serverVersion: 2 })
  })
})

describe('F15: an erasure while another process reads', () => {
  const SECRET = 'the quick brown secret'
  const isThere = () => readdirSync(folder).some(name => readFileSync(join(folder, name), 'latin1').includes(SECRET))
  async function openWithSecret(options: { patienceMs?: number }) {
    const backend = open(options)
    await backend.push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp({ pk: 'a', payload: { id: 'a', title: SECRET } })], now: NOW })
    other = new DatabaseSync(path)
    other.exec('BEGIN')
    other.prepare('SELECT count(*) FROM records').get()
    return backend
  }

  it('is done when nothing is left in any file', async () => {
    const backend = await openWithSecret({})
    let done = false
    const erased = backend.erase('w1').then((counts) => {
      done = true
      return counts
    })
    await new Promise(resolve => setTimeout(resolve, 200))
    expect([done, isThere()]).toEqual([false, true])
    expect((await backend.pull({ ...PULL, bootstrap: true })).rows, 'nobody finds it meanwhile').toEqual([])
    other.exec('COMMIT')
    expect(await erased).toEqual({ records: 1, devices: 0 })
    expect(isThere()).toBe(false)
  })

  it('says what to do where something stays, and is finished when it is called again', async () => {
    const backend = await openWithSecret({ patienceMs: 50 })
    await expect(backend.erase('w1')).rejects.toThrow(/another process is reading .* erase the workspace again/)
    expect(isThere()).toBe(true)
    other.exec('COMMIT')
    await backend.erase('w1')
    expect(isThere()).toBe(false)
  })
})

describe('F46: a commit of another process', () => {
  it('wakes those who watch its workspace, and nobody else', async () => {
    const [here, there] = [open({ pollMs: 5 }), open()]
    for (const workspace of ['w1', 'w2', 'w3']) await push(there, 'a', workspace)
    const woken: string[] = []
    for (const workspace of ['w1', 'w2', 'w3', 'not yet']) here.watch(workspace, () => woken.push(workspace))
    const settled = async () => {
      await new Promise(resolve => setTimeout(resolve, 60))
      return woken.splice(0)
    }
    await push(there, 'b', 'w2')
    expect(await settled()).toEqual(['w2'])
    await push(there, 'a', 'not yet')
    expect(await settled()).toEqual(['not yet'])
    await push(here, 'b', 'w3')
    expect(await settled(), 'own commits are told at once, and once').toEqual(['w3'])
    await push(there, 'c', 'w1')
    expect(await settled()).toEqual(['w1'])
    await there.gc({ now: NOW, retentionMs: 1, cursorExpiryMs: 1 })
    expect(await settled(), 'garbage is nobody\'s news').toEqual([])
    await there.erase('w1')
    expect(await settled()).toEqual(['w1'])
    await there.newEpoch()
    expect((await settled()).sort()).toEqual(['not yet', 'w1', 'w2', 'w3'])
    await here.newEpoch()
    await settled()
    await push(there, 'd', 'w2')
    expect(await settled()).toEqual(['w2'])
  })
})
