import type { Mutant } from './mutant.ts'

const PLAN = 'src/runtime/shared/sync/store/plan-write.ts'
const KEYS = 'src/runtime/shared/sync/store/key-order.ts'
const SQLITE = 'server/lib/backends/sqlite/sqlite.ts'
const STORE_TESTS = ['test/unit/server/backends.test.ts']
const HISTORY_TESTS = ['test/unit/simulation/server-writes.test.ts']
const ROW_TESTS = ['test/unit/server/server-rows.test.ts']

/** What the server writes and reads itself: `write`, `get` and `list`. */
export const SERVER_WRITES: readonly Mutant[] = [
  {
    id: 'server-write-a', bug: 'a write whose expectation is not met is stored',
    file: PLAN,
    replace: ['if (unmet >= 0)', 'if (unmet > 1_000_000)'],
    tests: STORE_TESTS,
  },
  {
    id: 'server-write-b', bug: 'a write that expects no row fails over a deleted one',
    file: PLAN,
    replace: ['if (expect === null) return !stored || stored.op === \'delete\'', 'if (expect === null) return !stored'],
    tests: STORE_TESTS,
  },
  {
    id: 'server-write-c', bug: 'a write is not stamped above the stored revision',
    file: PLAN,
    replace: ['clock: nextClock(stored?.stamp.clock)', 'clock: nextClock(stored && stored.op === \'put\' ? stored.stamp.clock : 0)'],
    tests: STORE_TESTS,
  },
  {
    id: 'server-write-d', bug: 'the HLC of a write is not above that of the stored row',
    file: PLAN,
    replace: ['if (stored) clock.receive(stored.stamp.hlc)', ''],
    tests: STORE_TESTS,
  },
  {
    id: 'server-write-e', bug: 'the HLC of the server\'s writes goes back with its clock',
    file: PLAN,
    replace: ['if (writer) clock.restore(writer.hlc)', ''],
    tests: STORE_TESTS,
  },
  {
    id: 'server-write-f', bug: 'a file does not keep the clock of the server\'s writes',
    file: SQLITE,
    replace: ['this.sql.keepHand.run(writer!.hlc, id)', ''],
    tests: ['test/unit/server/sqlite-file.test.ts'],
  },
  {
    id: 'server-write-g', bug: 'a write whose answer was lost is written twice',
    file: PLAN,
    replace: ['if (input.edits.some(edit => storedRow(input, edit)?.stamp.opId === edit.opId)) return repeated(input)', ''],
    tests: STORE_TESTS,
  },
  {
    id: 'server-write-h', bug: 'an update changes a row of an earlier shape as it is',
    file: PLAN,
    replace: ['const row = upgradedOrSame(table, toLocalRow(table, JSON.parse(stored.payload!) as WirePayload))', 'const row = toLocalRow(table, JSON.parse(stored.payload!) as WirePayload)'],
    tests: STORE_TESTS,
  },
  {
    id: 'server-write-i', bug: 'an update keeps fields that it takes away',
    file: PLAN,
    replace: ['.filter(([field]) => !removed.includes(field))', '.filter(([field]) => !removed.includes(`other ${field}`))'],
    tests: STORE_TESTS,
  },
  {
    id: 'server-write-j', bug: 'an update brings a deleted row back',
    file: PLAN,
    replace: ['if (kind === \'update\' && stored?.op !== \'put\')', 'if (kind === \'update\' && !stored)'],
    tests: STORE_TESTS,
  },
  {
    id: 'server-write-k', bug: 'a group may be as large as it likes',
    file: PLAN,
    replace: ['written += utf8Length(item.payload ?? \'\')', 'written += 0'],
    tests: STORE_TESTS,
  },
  {
    id: 'server-write-l', bug: 'deleting what is not there uses a version',
    file: PLAN,
    replace: ['if (edit.kind === \'delete\' && (!stored || stored.op === \'delete\')) continue', ''],
    tests: STORE_TESTS,
  },
  {
    id: 'server-write-m', bug: 'watchers do not hear of a write',
    file: SQLITE,
    replace: ['if (outcome.ok && outcome.writes.length > 0) this.#watchers.tell(request.workspaceId, outcome.version)', ''],
    tests: STORE_TESTS,
  },
  {
    id: 'server-write-n', bug: 'a write is not in the history of commits',
    file: SQLITE,
    replace: ['this.sql.commit.run(plan.version, encodeHistory(addCommit(decodeHistory(known?.commits), plan.version, request.now)), id)', 'this.sql.commit.run(plan.version, encodeHistory(decodeHistory(known?.commits)), id)'],
    tests: STORE_TESTS,
  },
  {
    id: 'server-write-o', bug: 'a write of one process may lose that of another on the same file',
    file: SQLITE,
    replace: ['async write(request: BackendWrite): Promise<BackendWriteOutcome> {\n    const outcome = await this.connection.transaction(\'BEGIN IMMEDIATE\', (): BackendWriteOutcome => {\n      const known = this.#findWorkspace(request.workspaceId)\n      const plan = decideWrite(this.sql, known, request)\n', 'async write(request: BackendWrite): Promise<BackendWriteOutcome> {\n    const known = this.#findWorkspace(request.workspaceId)\n    const plan = decideWrite(this.sql, known, request)\n    const outcome = await this.connection.transaction(\'BEGIN IMMEDIATE\', (): BackendWriteOutcome => {\n'],
    tests: ['test/unit/server/two-writers.test.ts'],
  },
  {
    id: 'server-write-p', bug: 'a write takes the clock of the stored row as it is',
    file: PLAN,
    replace: ['clock: nextClock(stored?.stamp.clock)', 'clock: stored?.stamp.clock ?? 1'],
    tests: HISTORY_TESTS, simulated: true,
  },
  {
    id: 'server-write-q', bug: 'the memory store does not keep the clock of the server\'s writes',
    file: 'server/lib/backends/memory.ts',
    replace: ['workspace.hand = writer', ''],
    tests: HISTORY_TESTS, simulated: true,
  },
  {
    id: 'server-write-r', bug: 'a device is not told that its edit has replaced one of the server\'s',
    file: 'src/runtime/shared/sync/store/fold-push.ts',
    replace: ['const overwrote = met && !isSameEdit(op, met) ? met : undefined', 'const overwrote = met && met.stamp.deviceId !== \'server\' && !isSameEdit(op, met) ? met : undefined'],
    tests: HISTORY_TESTS, simulated: true,
  },
  {
    id: 'server-list-a', bug: 'keys are ordered by UTF-16',
    file: KEYS,
    replace: ['return isSurrogate(left) === isSurrogate(right) ? left - right : isSurrogate(left) ? 1 : -1', 'return left - right'],
    tests: STORE_TESTS,
  },
  {
    id: 'server-list-b', bug: 'a prefix that ends before the surrogates finds more than it should',
    file: KEYS,
    replace: ['return point === 0xD7FF ? 0xE000 : point + 1', 'return point === 0xD7FF ? 0xE001 : point + 1'],
    tests: STORE_TESTS,
  },
  {
    id: 'server-list-c', bug: 'a list has deleted rows',
    file: 'server/lib/backends/sqlite/sqlite-statements.ts',
    replace: ['${range} AND op = \'put\' ORDER BY pk', '${range} ORDER BY pk'],
    tests: STORE_TESTS,
  },
  {
    id: 'server-rows-a', bug: 'a write may name a record twice',
    file: 'server/lib/service/read-edits.ts',
    replace: ['if (earlier !== undefined) throw', 'if (earlier === -1) throw'],
    tests: ROW_TESTS,
  },
  {
    id: 'server-rows-f', bug: 'a getter of the app makes a write reject with something other than a SyncError',
    file: 'server/lib/service/read-edits.ts',
    replace: ['Array.from(edits, (edit, index) => readInForm(edit, index, schema))', 'Array.from(edits, (edit, index) => readEdit(edit, index, schema))'],
    tests: ['test/unit/server/hostile-edits.test.ts'],
  },
  {
    id: 'server-rows-b', bug: 'rows can be written while sync is off',
    file: 'server/lib/service/open-rows.ts',
    replace: ['if (!isEnabled()) throw new SyncError(\'SYNC_DISABLED\', \'sync is off on this server\')', ''],
    tests: ROW_TESTS,
  },
  {
    id: 'server-rows-c', bug: 'listeners are not told who wrote',
    file: 'server/lib/service/write-rows.ts',
    replace: ['userId: as ?? null', 'userId: null'],
    tests: ROW_TESTS,
  },
  {
    id: 'server-rows-d', bug: 'a server whose writes fail says that it is well',
    file: 'server/lib/backends/guard-backend.ts',
    replace: ['write: request => writing(request.workspaceId, () => backend.write(request), outcome => outcome.ok && outcome.writes.length > 0)', 'write: request => guarded(() => backend.write(request))'],
    tests: ROW_TESTS,
  },
  {
    id: 'server-rows-e', bug: 'server code can use a store of a server whose sync is off',
    file: 'server/nitro/use-sync-gateway.ts',
    replace: ['if (!await isSyncOn()) throw new SyncError(\'SYNC_DISABLED\', \'sync is off on this server\')', ''],
    tests: ['test/unit/server/use-sync-gateway.test.ts'],
  },
]
