import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const PLAN = 'src/runtime/shared/sync/store/plan-push.ts'
const READ_TESTS = ['test/unit/engine/pitfalls-read.test.ts']

/** Pitfalls 13 to 20: replicas stay apart. */
export const DIVERGES: readonly Mutant[] = [
  {
    id: 'pitfall-13', bug: 'the server compares only the clock',
    file: PLAN,
    replace: ['const order = current ? compareRevisions(op.stamp, current.stamp) : 1', 'const order = current ? op.stamp.clock - current.stamp.clock : 1'],
    tests: ['test/unit/server/fold-push.test.ts'], simulated: true,
  },
  {
    id: 'pitfall-13b', bug: 'nobody compares the hybrid time',
    file: 'src/runtime/shared/sync/protocol/revision.ts',
    replace: ['if (a.hlc !== b.hlc) return a.hlc < b.hlc ? -1 : 1', ''],
    tests: ['test/unit/shared/revision.test.ts'],
  },
  {
    id: 'pitfall-14', bug: 'the row\'s HLC is not its op\'s',
    file: `${CORE}/capture/capture-put.ts`,
    replace: ['value.hlc = revision.hlc', 'value.hlc = options.hlc.next()'],
    tests: ['test/unit/engine/hook-bridge.test.ts'],
  },
  {
    id: 'pitfall-15', bug: 'on the server deletes ignore clocks and puts ignore tombstones',
    file: PLAN,
    replace: ['if (current && order < 0) return', 'if (current && order < 0 && op.op === current.op) return'],
    tests: ['test/unit/server/fold-push.test.ts'], simulated: true,
  },
  {
    id: 'pitfall-15b', bug: 'on a device puts ignore tombstones',
    file: `${CORE}/decide/decide-merge.ts`,
    replace: ['revisionOf(shared ?? here.tombstone)', 'revisionOf(shared)'],
    tests: READ_TESTS, simulated: true,
  },
  {
    id: 'pitfall-15c', bug: 'on a device deletes ignore clocks',
    file: `${CORE}/decide/decide-merge.ts`,
    replace: ['return order < 0 ?', 'return order < 0 && change.op === \'put\' ?'],
    tests: READ_TESTS, simulated: true,
  },
  {
    id: 'pitfall-16', bug: 'a blind put keeps the clock of the app\'s object',
    file: `${CORE}/capture/capture-put.ts`,
    replace: ['clock: nextClock(Math.max(before?.clock ?? 0, tombstone?.clock ?? 0))', 'clock: row.clock ?? 1'],
    tests: ['test/unit/engine/hook-bridge.test.ts'], simulated: true,
  },
  {
    id: 'pitfall-16b', bug: 'the clock is the wall\'s seconds',
    file: `${CORE}/capture/capture-put.ts`,
    replace: ['clock: nextClock(Math.max(before?.clock ?? 0, tombstone?.clock ?? 0))', 'clock: Math.floor(createdAt / 1000)'],
    tests: ['test/unit/engine/hook-bridge.test.ts'],
  },
  {
    id: 'pitfall-17', bug: 'a device does not take received HLCs into account',
    file: `${CORE}/pull/change-applier.ts`,
    replace: ['for (const change of remote) context.hlc.receive(change.stamp.hlc)', ''],
    tests: READ_TESTS,
  },
  ...inFile(`${CORE}/life/local-store.ts`, ['test/unit/engine/hook-bridge.test.ts'], [
    {
      id: 'pitfall-17b', bug: 'every tab has the same node id',
      replace: ['node: createNodeId(env.random)', 'node: createNodeId(() => 0)'],
    },
    {
      id: 'pitfall-17c', bug: 'the HLC of unsent edits is not taken up again after a reload',
      replace: ['?.ops ?? []) this.hlc.restore(op.hlc)', '?.ops ?? []) void op'],
    },
    {
      id: 'pitfall-17d', bug: 'the HLC of acknowledged edits is not taken up again after a reload',
      replace: ['if (clock?.hlc) this.hlc.restore(clock.hlc)', ''],
      tests: READ_TESTS,
    },
  ]),
  {
    id: 'pitfall-18', bug: 'each op of a batch is decided as if it were the only one',
    file: PLAN,
    replace: ['return this.writes.get(key) ?? this.input.rows.get(key)', 'return this.input.rows.get(key)'],
    tests: ['test/unit/server/fold-push.test.ts'],
  },
  {
    id: 'pitfall-18b', bug: 'a batch that fails in the middle stays half written',
    file: 'server/lib/backends/sqlite/sqlite-connection.ts',
    replace: ['try { this.db.exec(\'ROLLBACK\') }', 'try { this.db.exec(\'COMMIT\') }'],
    tests: ['test/unit/server/pitfalls.test.ts'],
  },
  {
    id: 'pitfall-18c', bug: 'an op that loses takes a version: the feed has holes',
    file: PLAN,
    replace: ['if (current && order < 0) return', 'if (current && order < 0 && ++this.version) return'],
    tests: ['test/unit/server/fold-push.test.ts'],
  },
  {
    id: 'pitfall-20', bug: 'the cursor is stored before its page is applied',
    file: `${CORE}/pull/change-applier.ts`,
    replace: [
      'const { outcome, state, hadQuarantine } = await this.#commitStorable(',
      'if (cursor) await applyTransaction(context.db, [ENGINE_TABLES.state], async () => await cursors.write(await cursors.stored(), cursor))\n    const { outcome, state, hadQuarantine } = await this.#commitStorable(',
    ],
    tests: READ_TESTS,
  },
  {
    id: 'pitfall-20b', bug: 'a live page moves the cursor over the gap before it',
    file: `${CORE}/pull/live-subscription.ts`,
    replace: ['if (page.from > this.#taker.position) return this.pullSoon()', ''],
    tests: READ_TESTS,
  },
  {
    id: 'pitfall-20c', bug: 'the event stream does not go on from where the reader was',
    file: 'server/lib/routes/subscribe.ts',
    replace: ['cursor: lastEventId(event) ?? cursor,', 'cursor,'],
    tests: ['test/unit/server/subscribe.test.ts'],
  },
]
