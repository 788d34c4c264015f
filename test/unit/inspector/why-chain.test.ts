import { INITIAL_STATUS } from '#or3-sync/core/sync/context/sync-status'
import type { OutboxRecord } from '#or3-sync/core/sync/records/engine-records'
import { explainRecord } from '#or3-sync/inspector/why/why-chain'
import type { WhyFacts } from '#or3-sync/inspector/why/why-facts'
import type { SyncTable } from '#or3-sync/shared/sync/schema/sync-schema'
import { describe, expect, it } from 'vitest'
import { todoSchema } from '../../support/todo-schema'

const EDIT = { pk: 'a', op: 'put' as const, clock: 1, hlc: 'h', opId: 'o', base: null }
const ROW = { id: 'a', title: 'Wash', clock: 1, hlc: 'h', op_id: 'o' }
const waiting = (more: Partial<OutboxRecord> = {}): OutboxRecord => ({ id: 1, tableName: 'todos', status: 'pending', createdAt: 0, ops: [EDIT], ...more })
const table = todoSchema.tables.todos as unknown as SyncTable

/** A row whose edit waits, while everything works. */
function facts(more: Partial<WhyFacts> = {}): WhyFacts {
  return {
    tableName: 'todos', pk: 'a', table, tableNames: ['todos', 'notes'],
    sync: { ...INITIAL_STATUS, state: 'idle', firstSyncDone: true, cursor: 7, isLeader: true },
    session: { status: 'authenticated', userId: 'ann', workspaceId: 'w', role: 'editor', workspaces: [], projectId: null },
    row: ROW, tombstone: undefined, waiting: [waiting()], quarantined: undefined, conflict: undefined,
    exclusion: false, isSending: false, breakers: { push: 0, pull: 0 }, nextRetryAt: null, isTableFetched: true, now: 1_000,
    ...more,
  }
}
const session = (more: Partial<NonNullable<WhyFacts['session']>>) => ({ ...facts().session!, ...more })
const sync = (more: Partial<WhyFacts['sync']>) => ({ ...facts().sync, ...more })

/** The check that said no, what it means, and its words. */
function answerOf(more: Partial<WhyFacts>) {
  const report = explainRecord(facts(more))
  const no = report.checks.filter(({ answer }) => answer === 'no')
  expect(no.length).toBeLessThan(2)
  return [no[0]?.id, report.outcome, report.verdict, no[0]?.cure] as const
}

describe('why a record is not synced', () => {
  it.each<[string, Partial<WhyFacts>, check: string | undefined, outcome: string, words: string]>([
    ['sync is off', { session: null }, 'switched-on', 'local', 'Sync is off'],
    ['an unknown table', { table: undefined, tableName: 'todo' }, 'table', 'local', 'no table "todo"'],
    ['the session is not known', { session: session({ status: 'loading' }) }, 'session', 'waiting', 'not known yet'],
    ['nobody is signed in', { session: session({ status: 'unauthenticated' }) }, 'session', 'local', 'Nobody is signed in'],
    ['somebody else is', { session: session({ status: 'expired' }), sync: sync({ reason: 'other-user' }) }, 'session', 'stuck', 'Somebody else'],
    ['an expired session', { session: session({ status: 'expired' }) }, 'session', 'stuck', 'expired'],
    ['no workspace', { session: session({ workspaceId: null, role: null }) }, 'workspace', 'stuck', 'no workspace'],
    ['a membership that ended', { session: session({ role: null }) }, 'workspace', 'stuck', 'no longer a member'],
    ['a newer database', { sync: sync({ reason: 'newer-database' }) }, 'engine', 'stuck', 'newer version'],
    ['no provider', { sync: sync({ reason: 'no-provider', error: { code: 'NOT_FOUND', message: 'registered are: gateway' } }) }, 'engine', 'stuck', 'registered are: gateway'],
    ['no such record', { row: undefined, waiting: [] }, 'present', 'absent', 'no such record'],
    ['not fetched yet', { row: undefined, waiting: [], sync: sync({ firstSyncDone: false }) }, 'present', 'waiting', 'not fetched in full'],
    ['quarantine', { quarantined: { tableName: 'todos', pk: 'a', reason: 'schema', error: 'payload.title: required', receivedAt: 0, change: { op: 'put', stamp: { deviceId: 'd', opId: 'x', hlc: 'h', clock: 2 }, serverVersion: 9 } } }, 'received', 'stuck', 'payload.title: required'],
    ['an excluded row', { exclusion: true }, 'shared', 'local', 'exclude of table "todos"'],
    ['an exclude that throws', { exclusion: { error: 'boom' } }, 'shared', 'stuck', 'boom'],
    ['a row from before the sign-in', { row: { id: 'a', title: 'Wash' }, waiting: [] }, 'captured', 'local', 'no revision'],
    ['a refused edit', { waiting: [waiting({ status: 'failed', failure: { code: 'VALIDATION_ERROR', message: 'payload.title: too short', failedAt: 0, attempts: 1 } })] }, 'not-refused', 'stuck', 'payload.title: too short'],
    ['a viewer', { session: session({ role: 'viewer' }) }, 'may-write', 'stuck', 'viewer'],
    ['an edit that waits aside', { waiting: [waiting({ ops: [{ ...EDIT, aside: { code: 'UNKNOWN', message: 'a proxy answered', tries: 3 } }] })] }, 'not-aside', 'waiting', '3 tries'],
    ['a held edit', { waiting: [waiting({ status: 'held' })] }, 'not-held', 'waiting', 'capture of table "todos"'],
    ['a value that cannot travel', { row: { ...ROW, file: new Map() } }, 'sendable', 'stuck', 'todos.file'],
    ['a row that fails the schema', { row: { ...ROW, title: 3 } }, 'schema', 'stuck', 'payload.title'],
    ['a row that is too large', { table: { ...table, maxBytes: 10 } }, 'size', 'stuck', 'at most 10'],
    ['no network', { sync: sync({ state: 'offline' }) }, 'reachable', 'waiting', 'no answer'],
    ['an open breaker', { breakers: { push: 2_500, pull: 0 } }, 'breaker', 'waiting', 'another 3 s'],
    ['a failing store', { sync: sync({ state: 'error', error: { code: 'SERVER_ERROR', message: 'the store is away' } }), nextRetryAt: 5_000 }, 'no-error', 'waiting', 'next try is in 4 s'],
    ['a first sync', { sync: sync({ firstSyncDone: false, progress: 0.5 }) }, 'level', 'waiting', '50 %'],
    ['a table that is being fetched', { isTableFetched: false }, 'level', 'waiting', 'is new here'],
    ['another try', { nextRetryAt: 3_000 }, 'sent', 'waiting', 'in 2 s'],
    ['a push under way', { isSending: true }, undefined, 'waiting', 'sent right now'],
    ['nothing in the way', {}, undefined, 'waiting', 'next push'],
    ['a synced row', { waiting: [] }, undefined, 'synced', 'It is synced'],
    ['a synced delete', { row: undefined, waiting: [], tombstone: { tableName: 'todos', pk: 'a', clock: 2, hlc: 'h', op_id: 'x', deletedAt: 0, syncedAt: 1 } }, undefined, 'synced', 'It is synced'],
    ['a synced row that met another edit', { waiting: [], conflict: { id: 'c', tableName: 'todos', pk: 'a', winner: 'remote', detectedAt: 0, local: { op: 'put', clock: 1, hlc: 'h', opId: 'o' }, remote: { op: 'put', clock: 2, hlc: 'h', opId: 'x' } } }, undefined, 'synced', 'version of another device won'],
  ])('%s', (_, more, check, outcome, words) => {
    const [id, found, verdict] = answerOf(more)
    expect([id, found]).toEqual([check, outcome])
    expect(verdict).toContain(words)
  })

  it('says what to do about each no', () => {
    expect(answerOf({ session: null })[3]).toContain('OR3_SYNC_ENABLED')
    expect(answerOf({ table: undefined, tableName: 'todo' })[3]).toContain('Did you mean "todos"?')
    expect(answerOf({ row: { ...ROW, title: 3 } })[3]).toContain('Edit the row')
  })

  it('stops at the first no, and asks about edits only where one waits', () => {
    const refused = explainRecord(facts({ waiting: [waiting({ status: 'failed', failure: { code: 'OVERSIZED', message: 'm', failedAt: 0, attempts: 1 } })], sync: sync({ state: 'offline' }) }))
    const answers = refused.checks.map(({ answer }) => answer)
    expect(answers.slice(answers.indexOf('no') + 1).every(answer => answer === 'open')).toBe(true)
    const synced = explainRecord(facts({ waiting: [], breakers: { push: 9_000, pull: 0 } }))
    expect(synced.outcome).toBe('synced')
    expect(synced.checks.filter(({ answer }) => answer === 'open').map(({ id }) => id)).toEqual(['not-refused', 'may-write', 'not-aside', 'not-held', 'sendable', 'schema', 'size', 'sent'])
  })

  it('a delete needs no row to be sent', () => {
    const gone = waiting({ ops: [{ ...EDIT, op: 'delete' }] })
    expect(answerOf({ row: undefined, waiting: [gone], tombstone: { tableName: 'todos', pk: 'a', clock: 1, hlc: 'h', op_id: 'o', deletedAt: 0 } })[2]).toContain('next push')
  })
})
