import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const OUTBOX_TESTS = ['test/unit/engine/outbox.test.ts']
const QUEUE_TESTS = ['test/unit/engine/pitfalls-queue.test.ts']
const READ_TESTS = ['test/unit/engine/pitfalls-read.test.ts']
const DATABASE_TESTS = ['test/unit/engine/pitfalls-databases.test.ts']
const BACKEND_TESTS = ['test/unit/server/backends.test.ts']
const GATEWAY_TESTS = ['test/unit/server/gateway.test.ts']

/** Pitfalls 1 to 12: they lose or corrupt data. */
export const LOSES_DATA: readonly Mutant[] = [
  {
    id: 'pitfall-1', bug: 'an edit is given up after three failed tries',
    file: `${CORE}/push/batch-pusher.ts`,
    replace: ['    switch (finding.kind) {', '    if (batch.ops.some(({ op }) => op.attempts >= 3)) finding.kind = \'refuse\'\n    switch (finding.kind) {'],
    tests: OUTBOX_TESTS,
  },
  {
    id: 'pitfall-1b', bug: 'the dead letter is purged at the next start',
    file: `${CORE}/life/local-store.ts`,
    replace: ['async #ready(db: EngineDatabase): Promise<void> {', 'async #ready(db: EngineDatabase): Promise<void> {\n    await db.pending_ops.where(\'status\').equals(\'failed\').delete()'],
    tests: QUEUE_TESTS,
  },
  {
    id: 'pitfall-1c', bug: 'an op that the store could not take at the moment counts as refused for good',
    file: `${CORE}/decide/decide-answer.ts`,
    replace: ['meaning === \'dead-letter\'', '(errorCode !== \'NETWORK_ERROR\' && errorCode !== \'CLOCK_SKEW\')'],
    tests: QUEUE_TESTS,
  },
  {
    id: 'pitfall-2', bug: 'the outbox entry is written in a transaction of its own where the app\'s did not list the outbox',
    file: `${CORE}/capture/hook-bridge.ts`,
    replace: ['const ADDED_STORES = [ENGINE_TABLES.pendingOps, ENGINE_TABLES.tombstones]', 'const ADDED_STORES = [ENGINE_TABLES.tombstones]'],
    also: [{
      replace: [
        'outbox: rejectOnFailure(core.table(ENGINE_TABLES.pendingOps)),',
        'outbox: { ...core.table(ENGINE_TABLES.pendingOps), mutate: late => core.table(ENGINE_TABLES.pendingOps).mutate({ ...late, trans: core.transaction([ENGINE_TABLES.pendingOps], \'readwrite\') }) },',
      ],
    }],
    tests: ['test/unit/engine/hook-bridge.test.ts'], simulated: true,
  },
  {
    id: 'pitfall-3', bug: 'edits just made are coalesced by createdAt: of two in one millisecond the older survives',
    file: `${CORE}/push/fresh-edits.ts`,
    replace: ['else if (compareRevisions(edit, known.op.edit) > 0) {', 'else if (op.createdAt > known.op.createdAt) {'],
    tests: QUEUE_TESTS,
  },
  {
    id: 'pitfall-3b', bug: 'the outbox is coalesced by createdAt',
    file: `${CORE}/queue/outbox-view.ts`,
    replace: [
      'return entries.length ? entries.reduce((a, b) => compareRevisions(a, b) >= 0 ? a : b) : undefined',
      'return entries.length ? entries.reduce((a, b) => a.record.createdAt >= b.record.createdAt ? a : b) : undefined',
    ],
    tests: QUEUE_TESTS,
  },
  {
    id: 'pitfall-3c', bug: 'the outbox is read by a random key',
    file: `${CORE}/queue/outbox-index.ts`,
    replace: ['inOrder(pending, held) : pending.values()', 'inOrder(pending, held) : [...pending.values()].sort(([a], [b]) => a!.opId < b!.opId ? -1 : 1)'],
    tests: QUEUE_TESTS,
  },
  {
    id: 'pitfall-4', bug: 'after a rescan the waiting edits are written back in their wire form',
    file: `${CORE}/pull/rescan-sweep.ts`,
    replace: ['import { recordKey }', 'import { encodeLocalRow } from \'../rows/encode-local-row\'\nimport { recordKey }'],
    also: [{
      replace: [
        'const [outbox, marks] = [new OutboxView(await db.pending_ops.toArray()), await readMarks(db)]\n',
        'const [outbox, marks] = [new OutboxView(await db.pending_ops.toArray()), await readMarks(db)]\n    for (const { tableName, ops } of outbox.records) for (const { pk } of ops) await storedRows(db, tableName).put(encodeLocalRow(context.schema.tables[tableName]!, await storedRows(db, tableName).get(pk) as StoredRow).payload)\n',
      ],
    }],
    tests: READ_TESTS,
  },
  {
    id: 'pitfall-5', bug: 'GC takes old rows out of what a new device is given (memory)',
    file: 'server/lib/backends/memory.ts',
    replace: ['filter(row => row.op === \'delete\' && !row.collected)', 'filter(row => !row.collected)'],
    tests: BACKEND_TESTS, simulated: true,
  },
  {
    id: 'pitfall-5b', bug: 'GC takes old rows out of what a new device is given (SQLite)',
    file: 'server/lib/backends/sqlite/sqlite-statements.ts',
    replace: ['UPDATE records INDEXED BY tombstones SET collected = 1\n      WHERE collected = 0 AND op = \'delete\' AND', 'UPDATE records SET collected = 1\n      WHERE collected = 0 AND'],
    tests: BACKEND_TESTS,
  },
  {
    id: 'pitfall-5c', bug: 'a cursor from before GC is continued as if nothing were missing',
    file: 'server/lib/backends/sqlite/sqlite.ts',
    replace: ['gcFloor: workspace?.gc_floor ?? 0', 'gcFloor: 0'],
    tests: BACKEND_TESTS,
  },
  {
    id: 'pitfall-6', bug: 'a table added later is not fetched: the cursor has passed its rows',
    file: `${CORE}/pull/catch-up.ts`,
    replace: ['!tables.includes(name) || wished.includes(name)', 'wished.includes(name)'],
    tests: READ_TESTS,
  },
  {
    id: 'pitfall-6b', bug: 'a table that was dropped and comes back is not fetched again',
    file: `${CORE}/progress/cursor-manager.ts`,
    replace: ['next.tables = next.tables.filter(this.options.knows)', ''],
    tests: READ_TESTS,
  },
  {
    id: 'pitfall-6c', bug: 'a page of some tables moves its cursor to the end of the feed',
    file: 'src/runtime/shared/sync/store/feed-page.ts',
    replace: ['nextCursor: order === \'desc\' || hasMore ? lookedAt : page.latestVersion', 'nextCursor: order === \'desc\' ? lookedAt : page.latestVersion'],
    tests: BACKEND_TESTS,
  },
  {
    id: 'pitfall-7', bug: 'a rescan leaves rows whose tombstone was collected',
    file: `${CORE}/pull/rescan-sweep.ts`,
    replace: ['await sweepMissing(context, { tables', 'void ({ tables'],
    tests: READ_TESTS,
  },
  {
    id: 'pitfall-8', bug: 'deletes are checked with the schema of puts',
    file: 'src/runtime/shared/sync/store/read-op.ts',
    replace: ['if (operation === \'delete\') return op', ''],
    tests: GATEWAY_TESTS,
  },
  {
    id: 'pitfall-8b', bug: 'the server refuses a whole batch for one bad op',
    file: 'server/lib/routes/push.ts',
    replace: [
      'items.push(readOp(op, context.schema))',
      'items.push(readOp(op, context.schema))\n      if (items.at(-1)!.kind === \'rejected\') throw new GatewayError(400, \'VALIDATION_ERROR\', \'bad op\')',
    ],
    also: [{ replace: ['import { pushBatch }', 'import { GatewayError } from \'../errors/gateway-error\'\nimport { pushBatch }'] }],
    tests: GATEWAY_TESTS,
  },
  {
    id: 'pitfall-8c', bug: 'the device refuses a whole batch for one bad op',
    file: `${CORE}/push/collect-batch.ts`,
    replace: ['const op = sortOut(context, batch, view, { key, entry, rows, options })', 'const op = sortOut(context, batch, view, { key, entry, rows, options })\n    if (batch.refused.length) for (const { key, entry } of due) batch.refused.push({ key, op: toPendingOp(entry, { tableName: entry.tableName, deviceId: context.deviceId(), payload: undefined, base: view.base(key), unheard: [], createdAt: 0, status: \'syncing\' }), error: batch.refused[0]!.error })'],
    tests: OUTBOX_TESTS,
  },
  {
    id: 'pitfall-9', bug: 'an op refused inside a 200 counts as acknowledged',
    file: `${CORE}/decide/decide-answer.ts`,
    replace: ['if (!answer.success) return decideRefusal(op, answer)', ''],
    tests: QUEUE_TESTS,
  },
  {
    id: 'pitfall-9b', bug: 'a reply without an answer for an op counts as an acknowledgement of it',
    file: `${CORE}/push/check-push-reply.ts`,
    replace: ['if (!matches) throw', 'if (!reply) throw'],
    also: [{ file: `${CORE}/push/batch-pusher.ts`, replace: ['result: result.results[index]!', 'result: result.results[index] ?? { opId: null, success: true }'] }],
    tests: OUTBOX_TESTS,
  },
  {
    id: 'pitfall-10', bug: 'a session that ends empties the queue',
    file: `${CORE}/push/batch-pusher.ts`,
    replace: ['source.putBack(batch)\n        this.#wait(batch, error)', 'if (error.code === \'UNAUTHORIZED\') await context.db.pending_ops.clear()\n        source.putBack(batch)\n        this.#wait(batch, error)'],
    tests: OUTBOX_TESTS,
  },
  {
    id: 'pitfall-10b', bug: 'what is written before the session is known stays behind in the database of nobody',
    file: `${CORE}/create-sync-engine.ts`,
    replace: ['name: session instanceof Promise ? session.then(takeSession) : takeSession(session),', 'name: session instanceof Promise ? (void session.then(takeSession), LOCAL_DATABASE_NAME) : takeSession(session),'],
    tests: DATABASE_TESTS,
  },
  {
    id: 'pitfall-10c', bug: 'an expired session leaves the user\'s database',
    file: 'src/runtime/app/decide-session.ts',
    replace: ['return state.userId || (isLoading && last) ? { kind: \'expire\' } : { kind: \'leave\' }', 'return { kind: \'leave\' }'],
    tests: ['test/unit/engine/pitfalls-sign-out.test.ts'],
  },
  {
    id: 'pitfall-11', bug: 'the acknowledgement of an older edit removes a newer one of the record',
    file: `${CORE}/push/settle-push.ts`,
    replace: ['if (!told.length && whole && ', 'if (told.length && whole && '],
    also: [
      { replace: ['if (fate === \'remove\') view.removeUpTo(key, op.stamp)', 'view.removeAll(key)'] },
    ],
    tests: QUEUE_TESTS, simulated: true,
  },
  {
    id: 'pitfall-11b', bug: 'a tab puts back from memory what another tab has had acknowledged',
    file: `${CORE}/push/batch-pusher.ts`,
    replace: [
      'for (const { key, op, error } of outcome.retry) {',
      'for (const { key, op, error } of outcome.retry) {\n      void this.options.context.db.pending_ops.add({ tableName: op.tableName, status: \'pending\', createdAt: op.createdAt, ops: [{ pk: op.pk, op: op.operation, ...op.stamp, base: op.base ?? null }] })',
    ],
    tests: QUEUE_TESTS,
  },
  {
    id: 'pitfall-12', bug: 'an upgrade of the schema empties the queue',
    file: `${CORE}/database/sync-database.ts`,
    replace: ['.upgrade(async tx => await upgrade.finish(tx))', '.upgrade(async tx => { await tx.table(\'pending_ops\').clear() })'],
    tests: DATABASE_TESTS,
  },
  {
    id: 'pitfall-12b', bug: 'what the server refused before a deploy is not tried again after it',
    file: `${CORE}/face/refused-edits.ts`,
    replace: ['failure?.code === \'VALIDATION_ERROR\'', 'failure?.code === \'UNKNOWN\''],
    tests: OUTBOX_TESTS,
  },
  {
    id: 'pitfall-12c', bug: 'an upgrade of the schema with a step of the app\'s own empties the queue',
    file: `${CORE}/database/database-upgrade.ts`,
    replace: ['    await upgrade(tx)\n', '    await tx.table(\'pending_ops\').clear()\n    await upgrade(tx)\n'],
    tests: DATABASE_TESTS,
  },
]
