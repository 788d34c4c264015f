import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { BackendPull, BackendPush, SyncBackend } from 'or3-sync/server'
import { acceptedOp, nextOpId, NOW } from './make-op'
import type { OpOptions } from './make-op'

const DAY = 24 * 60 * 60_000
/** More devices than any store keeps for one user. */
const MANY_DEVICES = 220

/**
 * A vitest suite of what every store must do. `open` returns a new, empty store. It is called before each test, and the suite closes the store.
 */
export function describeSyncBackend(name: string, open: () => SyncBackend | Promise<SyncBackend>): void {
  describe(`${name} backend`, () => {
    let backend: SyncBackend
    beforeEach(async () => { backend = await open() })
    afterEach(() => backend.close())

    const push = async (ops: OpOptions[], { workspaceId = 'w1', userId = 'ada', now = NOW, purgedBefore, mark }: Partial<BackendPush> = {}) => {
      const outcome = await backend.push({ workspaceId, userId, items: ops.map(acceptedOp), now, purgedBefore, mark })
      if (outcome.status !== 'pushed') throw new Error(outcome.status)
      return outcome
    }
    const pull = (request: Partial<BackendPull> = {}) =>
      backend.pull({ workspaceId: 'w1', cursor: 0, limit: 100, order: 'asc', bootstrap: false, maxBytes: 1_000_000, ...request })
    const brief = (rows: RecordRow[]) => rows.map(row => `${row.pk}${row.serverVersion}`)
    const gc = (now = NOW, purgeBefore?: number) => backend.gc({ now, retentionMs: 30 * DAY, cursorExpiryMs: 7 * DAY, purgeBefore })
    /** A watcher may hear of a commit a moment after the push has returned. */
    const heard = (check: () => void) => vi.waitFor(check, { interval: 5 })
    const cursor = (deviceId: string, version: number, { userId = 'ada', now = NOW } = {}) =>
      backend.updateCursor({ workspaceId: 'w1', userId, deviceId, version, now })

    it('keeps one row per record, at its latest version', async () => {
      await push([{ pk: 'a' }, { pk: 'b' }])
      for (let clock = 2; clock < 30; clock++) await push([{ pk: 'a', clock }])
      const page = await pull()
      expect(brief(page.rows)).toEqual(['b2', 'a30'])
      expect(page).toMatchObject({ nextCursor: 30, hasMore: false, latestVersion: 30, requiresRescan: false })
    })

    it('answers a push of nothing with its version, and writes nothing', async () => {
      await push([{ pk: 'a' }])
      expect(await push([])).toMatchObject({ results: [], applied: 0, serverVersion: 1 })
      expect(brief((await pull()).rows)).toEqual(['a1'])
      expect(await push([], { workspaceId: 'nobody wrote here' })).toMatchObject({ results: [], applied: 0, serverVersion: 0 })
    })

    it('gives rows back as they came: text, revision, device', async () => {
      const op = acceptedOp({ pk: 'ключ 🗝', payload: { id: 'ключ 🗝', title: 'a\u0000b\u2028"\\', n: 1.5, deep: { list: [1, null, true] } } })
      await backend.push({ workspaceId: 'w1', userId: 'ada', items: [op], now: NOW })
      expect((await pull()).rows[0]).toMatchObject({ tableName: 'todos', pk: op.pk, op: 'put', payload: op.payload, stamp: op.stamp, serverVersion: 1 })
    })

    it('pages upward and downward, and says where it stopped', async () => {
      await push(['a', 'b', 'c', 'd', 'e'].map(pk => ({ pk })))
      expect(await pull({ limit: 2 })).toMatchObject({ nextCursor: 2, hasMore: true })
      expect(brief((await pull({ cursor: 2, limit: 3 })).rows)).toEqual(['c3', 'd4', 'e5'])
      expect(await pull({ cursor: 2, limit: 3 })).toMatchObject({ nextCursor: 5, hasMore: false })
      const down = await pull({ order: 'desc', limit: 2 })
      expect([brief(down.rows), down.nextCursor, down.hasMore]).toEqual([['e5', 'd4'], 4, true])
      const rest = await pull({ order: 'desc', cursor: down.nextCursor, limit: 3 })
      expect([brief(rest.rows), rest.hasMore]).toEqual([['c3', 'b2', 'a1'], false])
    })

    it('ends a page by its bytes, after one row at least', async () => {
      await push(['a', 'b', 'c'].map(pk => ({ pk, payload: { id: pk, title: 'é'.repeat(1_000) } })))
      expect(brief((await pull({ maxBytes: 10 })).rows)).toEqual(['a1'])
      expect(brief((await pull({ maxBytes: 4_500 })).rows)).toEqual(['a1', 'b2'])
      expect(await pull({ maxBytes: 4_500 })).toMatchObject({ nextCursor: 2, hasMore: true })
      expect(brief((await pull({ maxBytes: 2_500 })).rows), 'not a byte more').toEqual(['a1'])
    })

    it('pitfall 6: a pull of some tables moves its cursor only over what it looked at, and a table alone can be pulled from 0', async () => {
      await push([{ pk: 'a' }, { pk: 'n', table: 'notes' }, { pk: 'b' }, { pk: 'm', table: 'notes' }])
      const first = await pull({ tables: ['notes'], limit: 1 })
      expect([brief(first.rows), first.nextCursor, first.hasMore]).toEqual([['n2'], 2, true])
      expect(brief((await pull({ tables: ['notes'], cursor: first.nextCursor })).rows)).toEqual(['m4'])
      expect((await pull({ tables: ['notes'] })).nextCursor).toBe(4)
      expect(brief((await pull({ tables: ['todos'] })).rows)).toEqual(['a1', 'b3'])
    })

    it('leaves tombstones out of a bootstrap and of a walk down, not of a pull', async () => {
      await push([{ pk: 'a' }, { pk: 'b' }, { pk: 'a', op: 'delete', clock: 2 }])
      expect(brief((await pull({ bootstrap: true })).rows)).toEqual(['b2'])
      expect(await pull({ bootstrap: true })).toMatchObject({ nextCursor: 3 })
      expect(brief((await pull({ order: 'desc' })).rows)).toEqual(['b2'])
      expect((await pull()).rows[1]).toMatchObject({ pk: 'a', op: 'delete', payload: null })
    })

    it('asks for a rescan above its own version', async () => {
      await push([{ pk: 'a' }])
      expect(await pull({ cursor: 2 })).toMatchObject({ rows: [], requiresRescan: true, hasMore: false })
      expect(await pull({ workspaceId: 'nobody wrote here', cursor: 1 })).toMatchObject({ requiresRescan: true, latestVersion: 0 })
      expect(await pull({ workspaceId: 'nobody wrote here' })).toMatchObject({ rows: [], requiresRescan: false, nextCursor: 0 })
    })

    it('pitfall 7: deletes win over older puts also after GC, and leave the feed', async () => {
      await push([{ pk: 'a' }, { pk: 'a', op: 'delete', clock: 5 }])
      expect(await gc()).toMatchObject({ tombstones: 1 })
      expect(await gc()).toMatchObject({ tombstones: 0 })
      const page = await pull({ bootstrap: true })
      expect([page.rows, page.nextCursor]).toEqual([[], 2])
      const late = await push([{ pk: 'a', clock: 4, at: 60_000, device: 'device-2' }])
      expect(late.results[0]).toMatchObject({ applied: false, winner: { op: 'delete', serverVersion: 2 } })
      expect((await push([{ pk: 'a', clock: 6 }])).results[0]).toMatchObject({ applied: true, serverVersion: 3 })
      expect(brief((await pull({ cursor: 2 })).rows)).toEqual(['a3'])
    })

    it('pitfall 5: a cursor below the GC floor is told to rescan, a bootstrap never is', async () => {
      await push([{ pk: 'a' }, { pk: 'b' }, { pk: 'a', op: 'delete', clock: 2 }, { pk: 'c' }])
      await gc()
      expect(await pull({ cursor: 2 })).toMatchObject({ rows: [], requiresRescan: true })
      expect(brief((await pull({ cursor: 3 })).rows)).toEqual(['c4'])
      expect(brief((await pull({ cursor: 0, bootstrap: true })).rows)).toEqual(['b2', 'c4'])
    })

    it('pitfall 30: GC waits for live devices, not for silent ones, and never past the retention', async () => {
      await push([{ pk: 'a' }, { pk: 'a', op: 'delete', clock: 2 }])
      await cursor('device-1', 2)
      await cursor('device-2', 1, { userId: 'bob' })
      expect(await gc()).toMatchObject({ tombstones: 0 })
      expect(await gc(NOW + 8 * DAY)).toMatchObject({ tombstones: 1 })
      await push([{ pk: 'b', op: 'delete' }], { now: NOW + 8 * DAY })
      await cursor('device-2', 1, { userId: 'bob', now: NOW + 38 * DAY })
      expect(await gc(NOW + 38 * DAY)).toMatchObject({ tombstones: 0 })
      await cursor('device-2', 1, { userId: 'bob', now: NOW + 39 * DAY })
      expect(await gc(NOW + 39 * DAY)).toMatchObject({ tombstones: 1 })
    })

    it('pitfall 30: a device cursor never steps back, belongs to its user, and cannot pass the workspace', async () => {
      await push([{ pk: 'a' }, { pk: 'a', op: 'delete', clock: 2 }])
      expect(await cursor('device-1', 3)).toBe('ahead')
      expect(await cursor('device-1', 2)).toBe('ok')
      expect(await cursor('device-1', 0)).toBe('ok')
      expect(await gc(), 'the step back did not hold it').toMatchObject({ tombstones: 1 })
    })

    it('forgets deletions for good only where asked, and then takes no put from before for a record it does not know', async () => {
      await push([{ pk: 'a' }, { pk: 'a', op: 'delete', clock: 2 }, { pk: 'kept' }, { pk: 'young' }])
      await push([{ pk: 'young', op: 'delete', clock: 2 }], { now: NOW + DAY })
      const purgedBefore = NOW + DAY
      expect(await gc(NOW + 2 * DAY)).toMatchObject({ tombstones: 2, purged: 0 })
      expect(await gc(NOW + 2 * DAY, purgedBefore)).toMatchObject({ tombstones: 0, purged: 1 })
      const late = { now: NOW + 2 * DAY, purgedBefore, userId: 'bob' }
      const { results, applied } = await push([
        { pk: 'a', clock: 1, device: 'device-2' },
        { pk: 'never heard of', device: 'device-2' },
        { pk: 'kept', clock: 2, at: -DAY, device: 'device-2' },
        { pk: 'young', clock: 1, device: 'device-2' },
        { pk: 'gone', op: 'delete', device: 'device-2' },
      ], late)
      expect(results).toMatchObject([
        { success: false, errorCode: 'CONFLICT' }, { success: false, errorCode: 'CONFLICT' },
        { applied: true }, { applied: false, winner: { op: 'delete' } }, { applied: true },
      ])
      expect(applied).toBe(2)
      expect((await push([{ pk: 'a', at: DAY, device: 'device-2' }], late)).results[0]).toMatchObject({ applied: true })
      expect((await pull({ bootstrap: true })).rows.map(({ pk }) => pk)).toEqual(['kept', 'a'])
    })

    it('still knows that deletions were forgotten when nobody asks for it any more', async () => {
      await push([{ pk: 'a' }, { pk: 'a', op: 'delete', clock: 2 }])
      expect(await gc(NOW + 40 * DAY, NOW + DAY)).toMatchObject({ purged: 1 })
      const old = { pk: 'a', clock: 1, device: 'device-2' }
      expect((await push([old], { now: NOW + 40 * DAY, userId: 'bob' })).results).toMatchObject([{ success: false, errorCode: 'CONFLICT' }])
      const { results } = await push([{ pk: 'a', clock: 1, at: 2 * DAY, device: 'device-2' }], { now: NOW + 40 * DAY, userId: 'bob' })
      expect(results, 'a later one is taken').toMatchObject([{ applied: true }])
    })

    it('erases a workspace and nothing else: rows, devices, what they were answered', async () => {
      let woken = 0
      backend.watch('w1', () => woken++)
      const batch = [acceptedOp({ pk: 'a' }), acceptedOp({ pk: 'b', op: 'delete' })]
      const request = { workspaceId: 'w1', userId: 'ada', items: batch, now: NOW }
      await backend.push(request)
      await push([{ pk: 'theirs' }], { workspaceId: 'w2' })
      await cursor('device-1', 2)
      const before = woken
      expect(await backend.erase('w1')).toEqual({ records: 2, devices: 1 })
      await heard(() => expect(woken).toBeGreaterThan(before))
      expect(await pull({ bootstrap: true })).toMatchObject({ rows: [], hasMore: false, requiresRescan: false })
      expect(brief((await pull({ workspaceId: 'w2' })).rows)).toEqual(['theirs1'])
      // If the store had remembered this batch, it would now answer "applied" although there is no row.
      const again = await backend.push(request)
      expect(again).toMatchObject({ applied: 2, results: [{ applied: true }, { applied: true }] })
      expect(again.status === 'pushed' && again.results.some(({ replayed }) => replayed)).toBe(false)
      expect(await backend.erase('nobody wrote here')).toEqual({ records: 0, devices: 0 })
    })

    it('tells devices of an erased workspace to rescan, whoever wrote there since', async () => {
      await push([{ pk: 'a' }, { pk: 'b' }])
      await backend.erase('w1')
      expect(await pull({ cursor: 2 })).toMatchObject({ rows: [], requiresRescan: true })
      expect(await pull()).toMatchObject({ rows: [], requiresRescan: true })
      await push(['c', 'd', 'e'].map(pk => ({ pk })))
      expect(await pull({ cursor: 2 })).toMatchObject({ rows: [], requiresRescan: true })
      const { rows, latestVersion } = await pull({ bootstrap: true })
      expect(rows.map(({ pk }) => pk)).toEqual(['c', 'd', 'e'])
      expect(latestVersion).toBeGreaterThan(4)
      expect(await cursor('device-1', latestVersion)).toBe('ok')
      expect(await backend.erase('w1')).toEqual({ records: 3, devices: 1 })
    })

    it('F68: knows the marks of its own past, and says so of no other', async () => {
      expect((await pull()).mark).toBeUndefined()
      const first = await push([{ pk: 'a' }])
      const second = await push([{ pk: 'b' }, { pk: 'c' }], { now: NOW + 5 })
      expect(second.mark).not.toBe(first.mark)
      expect(await pull()).toMatchObject({ mark: second.mark })
      for (const mark of [first.mark, second.mark]) expect(await pull({ mark, cursor: 1 })).toMatchObject({ requiresRescan: false, nextCursor: 3 })
      const [version, time] = second.mark!.split('.') as [string, string]
      const later = `${version}.${(Number.parseInt(time, 36) + 50).toString(36)}`
      for (const mark of [later, `7.${time}`]) expect(await pull({ mark, cursor: 1 }), mark).toMatchObject({ rows: [], requiresRescan: true, restored: true, hasMore: false })
      expect(await push([{ pk: 'd' }], { mark: second.mark })).not.toHaveProperty('restored')
      expect(await push([{ pk: 'e' }], { mark: later })).toMatchObject({ applied: 1, restored: true })
      await backend.erase('w1')
      expect(await pull({ mark: second.mark }), 'what was erased is gone on purpose').toMatchObject({ requiresRescan: true })
      expect((await pull({ mark: second.mark })).restored).toBeUndefined()
    })

    it('F45: keeps what a bounded number of writers of each user were answered, the newest', async () => {
      const writer = (index: number) => ({ node: `writer${String(index).padStart(3, '0')}`, device: `d${index}` })
      const op = (index: number) => acceptedOp({ pk: 'a', clock: index + 2, base: null, ...writer(index) })
      await push([{ pk: 'a', device: 'other' }], { userId: 'bob' })
      const ops = Array.from({ length: 70 }, (_, index) => op(index))
      for (const [index, item] of ops.entries()) await backend.push({ workspaceId: 'w1', userId: 'ada', items: [item], now: NOW + index })
      const again = async (index: number) => await backend.push({ workspaceId: 'w1', userId: 'ada', items: [ops[index]!], now: NOW + 100 })
      expect(await again(69)).toMatchObject({ results: [{ replayed: true, applied: true }] })
      expect(await again(10)).toMatchObject({ results: [{ replayed: true, applied: true }] })
      expect(await again(0), 'long forgotten').toMatchObject({ results: [{ applied: false }] })
    })

    it('F45: keeps the cursors of a bounded number of devices of each user; one that was not heard of for long goes first', async () => {
      await push([{ pk: 'a' }, { pk: 'a', op: 'delete', clock: 2 }])
      await cursor('behind', 1, { userId: 'bob' })
      await cursor('idle', 1)
      const report = async (version: number, later: number) => {
        for (let index = 0; index < MANY_DEVICES; index++) {
          await cursor(`device-${later}-${index}`, version, { now: NOW + later + index })
          if (index % 20 === 0) await cursor('busy', 2, { now: NOW + later + index })
        }
      }
      await report(2, 1_000)
      expect(await gc(NOW + 2_000), 'Bob\'s device is waited for').toMatchObject({ tombstones: 0 })
      await cursor('behind', 2, { userId: 'bob', now: NOW + 2_000 })
      expect(await gc(NOW + 2_000), 'the idle one is not').toMatchObject({ tombstones: 1 })
      await push([{ pk: 'b' }, { pk: 'b', op: 'delete', clock: 2 }])
      await report(4, 3_000)
      await cursor('behind', 4, { userId: 'bob', now: NOW + 4_000 })
      expect(await gc(NOW + 4_000), 'the busy one is').toMatchObject({ tombstones: 0 })
    })

    it('F41: a page of few tables is found among many rows of others, upward and downward, and a page without any says so', async () => {
      const others = Array.from({ length: 40 }, (_, index) => ({ pk: `other-${index}` }))
      await push([{ pk: 'first', table: 'notes' }, ...others, { pk: 'last', table: 'notes' }])
      for (const order of ['asc', 'desc'] as const) {
        const found: string[] = []
        for (let place: number | undefined = 0; place !== undefined;) {
          const page: Awaited<ReturnType<typeof pull>> = await pull({ tables: ['notes'], order, cursor: place, limit: 1 })
          found.push(...page.rows.map(({ pk }) => pk))
          place = page.hasMore ? page.nextCursor : undefined
        }
        expect(found).toEqual(order === 'asc' ? ['first', 'last'] : ['last', 'first'])
      }
      expect(await pull({ tables: ['nothing'] })).toMatchObject({ rows: [], hasMore: false, nextCursor: 42 })
      expect(await pull({ tables: [] })).toMatchObject({ rows: [], hasMore: false, nextCursor: 42 })
      expect(await pull({ tables: ['nothing'], order: 'desc' })).toMatchObject({ rows: [], hasMore: false })
    })

    it('pitfall 31: workspaces know nothing of each other', async () => {
      const op = acceptedOp({ pk: 'a' })
      await backend.push({ workspaceId: 'w1', userId: 'ada', items: [op], now: NOW })
      const other = await backend.push({ workspaceId: 'w2', userId: 'ada', items: [op], now: NOW })
      expect(other).toMatchObject({ results: [{ success: true, applied: true, serverVersion: 1 }], applied: 1 })
      expect(await backend.latestVersion('w1')).toBe(1)
      expect(brief((await pull({ workspaceId: 'w2' })).rows)).toEqual(['a1'])
    })

    it('repeats a device\'s last batch, winners and replaced rows included', async () => {
      await push([{ pk: 'a', device: 'device-2' }, { pk: 'b', device: 'device-2', clock: 3 }], { userId: 'bob' })
      const items = [acceptedOp({ pk: 'a', clock: 2, base: null }), acceptedOp({ pk: 'b', clock: 2 }), acceptedOp({ pk: 'c' })]
      const request = { workspaceId: 'w1', userId: 'ada', items, now: NOW }
      const first = await backend.push(request)
      await push([{ pk: 'a', device: 'device-2', clock: 9 }], { userId: 'bob' })
      const again = await backend.push(request)
      if (first.status !== 'pushed' || again.status !== 'pushed') throw new Error('too large')
      expect(again.results).toMatchObject(first.results.map(result => ({ ...result, replayed: true })))
      expect(again.results[0]).toMatchObject({ overwrote: { stamp: { deviceId: 'device-2', clock: 1 } } })
      expect(again.results[0]?.overwrote?.payload).toBe('{"id":"a","title":"title of a at 1"}')
      expect(again).toMatchObject({ applied: 0, serverVersion: 5 })
    })

    it('F11: tells who repeats an op that it was deleted since, also where another user has stamped the delete with the writer\'s node', async () => {
      const batch: OpOptions[] = [{ opId: nextOpId(), base: null }]
      const deletion: OpOptions = { op: 'delete', clock: 2, base: null }
      await push(batch)
      await push([deletion], { userId: 'bob' })
      expect((await push(batch)).results).toMatchObject([{ applied: true, replayed: true, winner: { op: 'delete' } }])
      await push([{ ...deletion, clock: 3 }])
      const { results: [again] } = await push(batch)
      expect([again?.replayed, again?.winner], 'the writer knows its own').toEqual([true, undefined])
    })

    it('wakes watchers of the workspace after each commit that applied something', async () => {
      const woken: string[] = []
      const stop = backend.watch('w1', () => woken.push('w1'))
      backend.watch('w2', () => woken.push('w2'))
      const op = { pk: 'a', opId: '00000000-0000-4000-9000-000000000000' }
      await push([op])
      await heard(() => expect(woken).toEqual(['w1']))
      await push([op])
      await push([{ pk: 'a' }], { workspaceId: 'w2' })
      await heard(() => expect(woken).toEqual(['w1', 'w2']))
      stop()
      await push([{ pk: 'b' }])
      expect(woken).toEqual(['w1', 'w2'])
    })

    it('names a new epoch on demand and tells watchers', async () => {
      let woken = 0
      backend.watch('w1', () => woken++)
      // A watch over a network may take a moment to begin.
      await push([{ pk: 'a' }])
      await heard(() => expect(woken).toBeGreaterThan(0))
      const before = woken
      const { epoch } = await pull()
      const renewed = await backend.newEpoch()
      expect(renewed).not.toBe(epoch)
      expect((await pull()).epoch).toBe(renewed)
      await heard(() => expect(woken).toBeGreaterThan(before))
    })
  })
}
