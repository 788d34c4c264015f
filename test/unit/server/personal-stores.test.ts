import { afterEach, expect, it } from 'vitest'
import { memoryBackend } from 'or3-sync/server'
import type { FoldedResult, GatewaySession, RecordRow, SyncBackend } from 'or3-sync/server'
import { passOn } from '../../../src/testing/pass-on'
import { wireOp } from './support/make-op'
import { openStream } from './support/open-stream'
import { PEOPLE, startTestGateway } from './support/test-gateway'
import type { TestGateway } from './support/test-gateway'

type MayRead = (session: GatewaySession, row: RecordRow) => boolean

/** A filter of rows before a store: nothing of a row that its reader may not see gets out, in pages and in push replies. */
function filterRows(backend: SyncBackend, mayRead: MayRead): SyncBackend {
  return {
    ...passOn(backend),
    isPersonal: true,
    async push(request) {
      const { session } = request
      const outcome = await backend.push(request)
      if (outcome.status !== 'pushed' || !session) return outcome
      const shown = (row?: RecordRow) => row && mayRead(session, row) ? row : undefined
      const hideRows = ({ winner, overwrote, current, overwroteEarlier, ...result }: FoldedResult): FoldedResult => ({
        ...result, winner: shown(winner), overwrote: shown(overwrote), current: shown(current), overwroteEarlier: overwroteEarlier?.filter(row => mayRead(session, row)),
      })
      return { ...outcome, results: outcome.results.map(hideRows) }
    },
    async pull(request) {
      const { session } = request
      const page = await backend.pull(request)
      return session ? { ...page, rows: page.rows.filter(row => mayRead(session, row)) } : page
    },
  }
}

/** Of keys that begin with `owner`, only owners of w1 see anything. */
const ownersOnly: MayRead = ({ workspaces }, { pk }) => !pk.startsWith('owner') || workspaces.some(({ id, role }) => id === 'w1' && role === 'owner')

let server: TestGateway
afterEach(() => server.stop())

async function start(sessionCheckMs = 60_000) {
  const people: Record<string, GatewaySession> = structuredClone(PEOPLE)
  server = await startTestGateway({ sessionCheckMs, backend: filterRows(memoryBackend(), ownersOnly), session: event => people[String(event.node.req.headers['x-user'])] ?? null })
  await server.push([wireOp({ pk: 'owner-1' }), wireOp({ pk: 'all-1' })])
  return people
}

const keysOf = (changes: readonly { pk: string }[] | undefined) => changes?.map(({ pk }) => pk)

it('a page has the rows of its reader, and ends where it would for everybody', async () => {
  await start()
  const [ada, bob] = [await server.pull({}, 'ada'), await server.pull({}, 'bob')]
  expect([keysOf(ada.changes), keysOf(bob.changes)]).toEqual([['owner-1', 'all-1'], ['all-1']])
  expect(bob.nextCursor).toBe(ada.nextCursor)
})

it('a push reply has none of the rows that its writer may not see', async () => {
  await start()
  const older = { clock: 1, at: -1_000, device: 'device-2', base: null }
  const { results } = await server.push([wireOp({ pk: 'owner-1', ...older }), wireOp({ pk: 'all-1', ...older })], 'bob')
  expect(results.map(({ applied, winner }) => [applied, winner?.payload?.id])).toEqual([[false, undefined], [false, 'all-1']])
  const newer = { clock: 2, device: 'device-2', base: null }
  const { results: applied } = await server.push([wireOp({ pk: 'owner-1', ...newer }), wireOp({ pk: 'all-1', ...newer })], 'bob')
  expect(applied.map(({ applied, overwrote }) => [applied, overwrote?.payload?.id])).toEqual([[true, undefined], [true, 'all-1']])
})

it('streams at the same place share no page', async () => {
  await start()
  const streams = await Promise.all(['ada', 'bob'].map(user => openStream(server, 'workspaceId=w1', { 'x-user': user })))
  const read = () => Promise.all(streams.map(async stream => keysOf((await stream.next())?.data.changes)))
  expect(await read()).toEqual([['owner-1', 'all-1'], ['all-1']])
  await server.push([wireOp({ pk: 'owner-2' }), wireOp({ pk: 'all-2' })])
  expect(await read()).toEqual([['owner-2', 'all-2'], ['all-2']])
})

it('a stream ends when its reader\'s role changes: nothing that was read for the old one is sent', async () => {
  const people = await start()
  const stream = await openStream(server, 'workspaceId=w1', { 'x-user': 'ada' })
  expect(keysOf((await stream.next())?.data.changes)).toEqual(['owner-1', 'all-1'])
  people.ada!.workspaces[0]!.role = 'viewer'
  await server.push([wireOp({ pk: 'owner-2', device: 'device-2' })], 'bob')
  expect([(await stream.next())?.event, await stream.next()]).toEqual(['session', null])
  const again = await openStream(server, 'workspaceId=w1', { 'x-user': 'ada' })
  expect(keysOf((await again.next())?.data.changes)).toEqual(['all-1'])
})
