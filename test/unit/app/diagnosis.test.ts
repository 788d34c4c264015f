import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSyncHooks, SyncError } from 'or3-sync/client'
import { conceal } from '#or3-sync/app/diagnosis/conceal'
import { Diagnosis } from '#or3-sync/app/diagnosis/diagnosis'
import { EventLog } from '#or3-sync/app/diagnosis/event-log'
import type { SessionState } from '#or3-sync/app/session-state'
import { EngineHarness, until, type TodoEngine } from '../../support/engine-harness'

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }
const SCOPE = { workspaceId: 'w1' }

describe('the log of events', () => {
  let now = 1_000
  const start = () => {
    now = 1_000
    const hooks = createSyncHooks(SILENT)
    return { hooks, log: new EventLog(hooks, { length: 50, now: () => now }) }
  }

  it('keeps the last 50, with numbers, codes and tables, and without rows', () => {
    const { hooks, log } = start()
    for (let index = 0; index < 40; index++) {
      hooks.doAction('sync.push:action:before', { scope: SCOPE, count: index })
      hooks.doAction('sync.push:action:after', { scope: SCOPE, successCount: index, failCount: 0 })
    }
    const op = { tableName: 'todos', pk: 'secret key', payload: { title: 'secret title' } } as never
    hooks.doAction('sync.error:action', { op, error: new SyncError('VALIDATION_ERROR', 'payload.title: too long'), code: 'VALIDATION_ERROR', permanent: true })
    expect(log.events).toHaveLength(50)
    expect(log.events.at(-1)).toEqual({ name: 'sync.error:action', at: 1_000, times: 1, details: { code: 'VALIDATION_ERROR', permanent: true, message: 'payload.title: too long', tableName: 'todos' } })
    expect(JSON.stringify(log.events)).not.toContain('secret')
  })

  it('joins what comes many times in a row', () => {
    const { hooks, log } = start()
    for (const pulledCount of [100, 250, 400]) {
      now += 10
      hooks.doAction('sync.bootstrap:action:progress', { scope: SCOPE, cursor: 1, pulledCount, hasMore: true })
    }
    expect(log.events).toEqual([{ name: 'sync.bootstrap:action:progress', at: 1_030, times: 3, details: { cursor: 1, pulledCount: 400, hasMore: true } }])
  })

  it('keeps rescans with their reasons, however much comes after them', () => {
    const { hooks, log } = start()
    hooks.doAction('sync.rescan:action:starting', { scope: SCOPE, reason: 'expired' })
    for (let index = 0; index < 60; index++) {
      hooks.doAction('sync.pull:action:received', { scope: SCOPE, changeCount: 1 })
      hooks.doAction('sync.pull:action:applied', { scope: SCOPE, applied: 1, skipped: 0, conflicts: 0 })
    }
    expect(log.events.some(({ name }) => name.startsWith('sync.rescan'))).toBe(false)
    expect(log.rescans).toEqual([{ at: 1_000, reason: 'expired' }])
  })

  it('keeps the last 10 rescans', () => {
    const { hooks, log } = start()
    for (let index = 1; index <= 13; index++) hooks.doAction('sync.rescan:action:starting', { scope: SCOPE, reason: `reason ${index}` })
    expect(log.rescans).toHaveLength(10)
    expect([log.rescans[0], log.rescans.at(-1)]).toEqual([{ at: 1_000, reason: 'reason 4' }, { at: 1_000, reason: 'reason 13' }])
  })

  it('knows when the next try is due, until it is over or a push has passed', () => {
    const { hooks, log } = start()
    expect(log.nextRetryAt).toBeNull()
    hooks.doAction('sync.retry:action', { op: { tableName: 'todos' } as never, attempt: 1, nextAttemptAt: 5_000 })
    expect(log.nextRetryAt).toBe(5_000)
    now = 5_000
    expect(log.nextRetryAt).toBeNull()
    now = 4_000
    hooks.doAction('sync.push:action:after', { scope: SCOPE, successCount: 1, failCount: 0 })
    expect(log.nextRetryAt).toBeNull()
  })

  it('does not make the engine build a payload for each row that is written', () => {
    expect(start().hooks.hasAction('sync.op:action:captured')).toBe(false)
  })
})

describe('the report', () => {
  let world: EngineHarness
  let device: TodoEngine
  const state: SessionState = { status: 'authenticated', userId: 'ann', workspaceId: 'w1', role: 'editor', workspaces: [], projectId: null }
  const diagnosis = (session: Partial<SessionState> = {}, provider = world.provider('ann') as never, timelineSize?: number) =>
    new Diagnosis({ timelineSize, hooks: device.hooks, session: () => ({ ...state, ...session }), provider: () => provider, versions: { module: '1.2.3', schema: 4 } })
  const asked = async (of: Diagnosis) => await of.report(device as never)

  beforeEach(async () => {
    world = await EngineHarness.open()
    device = world.device('ann')
  })
  afterEach(async () => { await world.close() })

  it('names the user by a hash that is the same each time, and nowhere by their id', async () => {
    const [first, second] = [await asked(diagnosis()), await asked(diagnosis())]
    expect(first.user).toMatch(/^[0-9a-f]{16}$/)
    expect([second.user, first.database]).toEqual([first.user, `or3-db-${first.user}-w1`])
    expect(first).toMatchObject({ role: 'editor', session: 'authenticated', versions: { module: '1.2.3', schema: 4, protocol: 1, format: first.format } })
    expect((await asked(diagnosis({ userId: 'bob' }))).user).not.toBe(first.user)
    expect(JSON.stringify(first)).not.toContain('ann')
  })

  it('hides the workspace where it has the id of its user', async () => {
    const personal = await asked(diagnosis({ userId: 'w1' }))
    expect(personal.scope.workspaceId).toBe(personal.user)
  })

  it('is the same where the inspector listens: without keys, and what comes many times in a row is one', async () => {
    const [plain, inspected] = [diagnosis(), diagnosis({}, undefined, 500)]
    const op = { tableName: 'todos', pk: 'secret key', operation: 'put', stamp: { clock: 3 } } as never
    for (let attempt = 1; attempt <= 3; attempt++) device.hooks.doAction('sync.retry:action', { op, attempt, nextAttemptAt: 1 })
    expect(inspected.log.events).toHaveLength(3)
    const [{ events }, reported] = [await asked(plain), await asked(inspected)]
    expect(events).toMatchObject([{ name: 'sync.retry:action', times: 3, details: { attempt: 3, tableName: 'todos' } }])
    expect(reported.events).toEqual(events)
    for (let count = 0; count < 600; count++) device.hooks.doAction('sync.queue:action:full', { pendingCount: count })
    expect([plain.log.events.length, inspected.log.events.length]).toEqual([2, 500])
    expect(JSON.stringify(await asked(inspected))).not.toContain('secret')
  })

  it('counts the edits that capture keeps back', async () => {
    await device.db.open()
    await device.db.table('pending_ops').add({ tableName: 'todos', status: 'held', createdAt: 1, ops: [{ pk: '1', op: 'put', clock: 1, hlc: 'h', opId: 'o' }] })
    expect((await asked(diagnosis())).held).toBe(1)
  })

  it('tells what has happened since it was made, and how changes come', async () => {
    const provider = world.provider('ann')
    await device.close()
    device = world.device('ann', { provider })
    const of = diagnosis({}, provider as never)
    expect((await asked(of)).transport).toBe('none')
    await device.start()
    await until(async () => (await asked(of)).transport, transport => transport === 'event-stream')
    await device.rescan()
    const report = await until(() => asked(of), ({ rescans }) => rescans.length === 1)
    expect(report.rescans).toMatchObject([{ reason: 'asked for' }])
    expect(report.events.map(({ name }) => name)).toContain('sync.subscription:action:statusChange')
    expect((await diagnosis({}, { transport: () => 'direct' } as never).report(device as never)).transport).toBe('direct')
    expect((await diagnosis({}, {} as never).report(device as never)).transport).toBe('custom')
    const follower = { db: device.db, diagnostics: async () => ({ ...await device.diagnostics(), status: { ...device.status.get(), isLeader: false, state: 'idle' } }) }
    expect((await of.report(follower as never)).transport).toBe('leading-tab')
  })
})

it('a user\'s id is concealed wherever it stands for the user', () => {
  const hidden = conceal({ userId: 'a-b', text: 'user "a-b" is out', database: 'or3-db-a%2Db-a%2Db', other: 'a-bc', list: ['a-b', 1, null] }, 'a-b', 'hash')
  expect(JSON.stringify(hidden)).not.toMatch(/"a-b"|a%2Db/)
  expect(hidden).toMatchObject({ other: 'a-bc', database: 'or3-db-hash-hash', list: ['hash', 1, null] })
})
