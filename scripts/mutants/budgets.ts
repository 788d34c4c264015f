import type { Mutant } from './mutant.ts'

const BUDGETS = ['test/unit/server/budgets.test.ts']
const SHARED = ['test/unit/server/sqlite-shared.test.ts']
const SLICES = ['test/unit/server/sqlite-slices.test.ts']
const COMPRESSION = ['test/unit/server/compression.test.ts']

/** Section 5 of the faults found from outside: one client, or one request, holds everybody up. */
export const BUDGET_MUTANTS: readonly Mutant[] = [
  {
    id: 'f15-a', bug: 'nobody looks whether the log was emptied',
    file: 'server/lib/backends/sqlite/sqlite-erase.ts',
    replace: ['result => result.busy === 0', '() => true'],
    also: [{ replace: ['if (busy === 0) return', 'if (busy >= 0) return'] }],
    tests: SHARED,
  },
  {
    id: 'f36-a', bug: 'a stream reads its page whatever its user\'s streams hold',
    file: 'server/lib/stream/stream-changes.ts',
    replace: ['const room = await work.streams.take(place.userId, PAGE_ROOM, { signal: () => sink.signal })', 'const room = await work.streams.take(`${Math.random()}`, PAGE_ROOM, { signal: () => sink.signal })'],
    tests: BUDGETS,
  },
  {
    id: 'f36-b', bug: 'replies that nobody takes are not counted',
    file: 'server/lib/http/when-gone.ts',
    replace: ['if (!connectionOf(res) || isGone(res) || res.writableFinished) callback()', 'if (res) callback()'],
    tests: BUDGETS,
  },
  {
    id: 'f36-c', bug: 'a stream that is gone is pinged for ever',
    file: 'server/lib/stream/server-sent/event-stream.ts',
    replace: ['    clearInterval(this.#timer)\n', ''],
    tests: ['test/unit/server/long-life.test.ts'],
  },
  {
    id: 'f36-d', bug: 'a stream that waited for room is sent what was committed after its reader\'s membership',
    file: 'server/lib/stream/stream-changes.ts',
    replace: ['isFirst &&= performance.now() - beganAt < FRESH_MS', ''],
    tests: BUDGETS,
  },
  {
    id: 'f37-a', bug: 'each stream has its page encoded for itself',
    file: 'server/lib/stream/workspace-feed.ts',
    replace: ['const kept = this.#pages.get(key)', 'const kept = this.#pages.get(`${key} of ${reader.userId}`)'],
    tests: ['test/unit/server/subscribe.test.ts', 'test/unit/server/workspace-feed.test.ts'],
  },
  {
    id: 'f37-b', bug: 'clients make filters without end out of names that no table has',
    file: 'server/lib/wire/known-tables.ts',
    replace: ['const known = all.filter(name => names.has(name)).sort()', 'const known = [...names]'],
    tests: ['test/unit/server/known-tables.test.ts'],
  },
  {
    id: 'f38-a', bug: 'an export is a web stream, which h3 sends without waiting for the reader',
    file: 'server/lib/service/export-workspace.ts',
    replace: ['return Readable.from(readSlices(backend, workspaceId), { objectMode: false, highWaterMark: SLICE_BYTES })', 'return Readable.toWeb(Readable.from(readSlices(backend, workspaceId))) as never'],
    tests: ['test/unit/recipes/export.test.ts'],
  },
  {
    id: 'f39-a', bug: 'SQLite itself waits for a lock, and everybody with it',
    file: 'server/lib/backends/sqlite/open-sqlite.ts',
    replace: ['PRAGMA busy_timeout = 0', 'PRAGMA busy_timeout = 2000'],
    tests: SHARED,
  },
  {
    id: 'f40-a', bug: 'bodies are held whatever their user holds already',
    file: 'server/lib/requests/read-json-body.ts',
    replace: ['await context.work.hold(event, userId, Number.isNaN(announced) ? REQUEST_MAX_BYTES : Math.min(announced, REQUEST_MAX_BYTES))', ''],
    tests: BUDGETS,
  },
  {
    id: 'f40-b', bug: 'the body of somebody who is in no workspace is read',
    file: 'server/lib/requests/read-json-body.ts',
    replace: ['if (workspaces.length === 0) throw', 'if (workspaces.length < 0) throw'],
    tests: BUDGETS,
  },
  {
    id: 'f41-a', bug: 'work is done in the order of coming, whoever has it done',
    file: 'server/lib/limits/fair-turns.ts',
    replace: ['this.#lineOf(userId).push(resolve)', 'this.#lineOf(\'everybody\').push(resolve)'],
    tests: ['test/unit/server/limits/fair-turns.test.ts'],
  },
  {
    id: 'f41-b', bug: 'a page looks for rows to the end of the feed',
    file: 'server/lib/backends/sqlite/sqlite-page.ts',
    replace: ['const end = putsOnly || tables ?', 'const end = putsOnly && !tables && !request.bootstrap ?'],
    tests: SLICES,
  },
  {
    id: 'f41-c', bug: 'tables without rows are looked for in the whole feed',
    file: 'server/lib/backends/sqlite/sqlite-page.ts',
    replace: ['request.tables?.filter(table => sql.anyRecord.get(workspace, table))', 'request.tables'],
    tests: SLICES,
  },
  {
    id: 'f42-a', bug: 'limits count requests, not bytes',
    file: 'server/lib/limits/byte-rates.ts',
    replace: ['if (!allowed || remaining === 0)', 'if (!allowed && remaining > 0)'],
    tests: BUDGETS,
  },
  {
    id: 'f42-b', bug: 'a batch that replaces too much is decided to its end before anybody looks',
    file: 'src/runtime/shared/sync/store/fold-push.ts',
    replace: ['    if (fold.overwroteText > OVERWROTE_REPLY_TEXT && plan.steps.length > 1) return { status: \'too-large\' }\n  }', '  }\n  if (fold.overwroteText > OVERWROTE_REPLY_TEXT && plan.steps.length > 1) return { status: \'too-large\' }'],
    tests: ['test/unit/server/fold-push.test.ts'],
  },
  {
    id: 'f42-c', bug: 'a store reads every payload that a batch meets at once, however large they are',
    file: 'src/runtime/shared/sync/store/fold-push.ts',
    replace: ['next < this.plan.steps.length && bytes < PULL_PAGE_BYTES', 'next < this.plan.steps.length'],
    tests: ['test/unit/server/plan-push.test.ts'],
  },
  {
    id: 'f42-d', bug: 'winners are read for which the reply has no room',
    file: 'src/runtime/shared/sync/store/fold-push.ts',
    replace: ['return step.kind === \'apply\' || this.#replyText < PULL_PAGE_BYTES ? stored : undefined', 'return stored'],
    tests: ['test/unit/server/plan-push.test.ts'],
  },
  {
    id: 'f43-a', bug: 'every problem of a row is collected',
    file: 'server/lib/limits/stop-early.ts',
    replace: ['const issue = findInLists(schema, value)\n  if (issue)', 'const issue = findInLists(schema, null)\n  if (issue)'],
    tests: ['test/unit/server/limits/stop-early.test.ts'],
  },
  {
    id: 'f43-b', bug: 'a batch is looked at in one go',
    file: 'server/lib/routes/push.ts',
    replace: ['items.push(readOp(op, context.schema))\n      await context.work.turns.pause(session.userId)', 'items.push(readOp(op, context.schema))'],
    tests: BUDGETS,
  },
  {
    id: 'f44-a', bug: 'garbage is collected in one go',
    file: 'server/lib/backends/sqlite/sqlite-garbage.ts',
    replace: ['const SLICE_ROWS = 250', 'const SLICE_ROWS = 1_000_000'],
    tests: SLICES,
  },
  {
    id: 'f44-b', bug: 'an erasure is seen half done',
    file: 'server/lib/backends/sqlite/sqlite.ts',
    replace: ['const counts = await removeErased(this, workspaceId)', 'const counts = await removeErased(this)'],
    also: [{ file: 'server/lib/backends/sqlite/sqlite-erase.ts', replace: ['  sql.rename.run(`${erasingNames(workspaceId).from}${workspace.id}`, workspace.id)\n  sql.addErased.run(erasedNameOf(workspaceId), version, version, encodeHistory(blurHistory(decodeHistory(workspace.commits), version)), workspace.purged_before)', '  sql.rename.run(erasedName(workspaceId), workspace.id)\n  sql.addErased.run(`${erasingNames(workspaceId).from}0`, version, version, encodeHistory(blurHistory(decodeHistory(workspace.commits), version)), workspace.purged_before)'] }],
    tests: SLICES,
  },
  {
    id: 'f44-c', bug: 'an erasure that was cut off is never finished',
    file: 'server/lib/backends/sqlite/sqlite-garbage.ts',
    replace: ['  if (!context.longWork.isEnding) await removeErased(context)\n', ''],
    tests: SLICES,
  },
  {
    id: 'f44-d', bug: 'a collection goes on while its store is closed',
    file: 'server/lib/backends/sqlite/sqlite.ts',
    replace: ['    await this.longWork.end()\n', ''],
    tests: SLICES,
  },
  {
    id: 'f45-a', bug: 'a user has devices without end (SQLite)',
    file: 'server/lib/backends/sqlite/sqlite.ts',
    replace: ['if (!isKnown) this.sql.forgetIdleDevices', 'if (isKnown && !now) this.sql.forgetIdleDevices'],
    tests: ['test/unit/server/backends.test.ts'],
  },
  {
    id: 'f45-b', bug: 'a user has devices without end (memory)',
    file: 'server/lib/backends/memory.ts',
    replace: ['idleDevices(others.reverse(), DEVICES_PER_USER)', 'idleDevices(others.reverse(), Infinity)'],
    tests: ['test/unit/server/backends.test.ts'],
  },
  {
    id: 'f46-a', bug: 'any commit of another process wakes everybody',
    file: 'server/lib/backends/sqlite/sqlite-watch.ts',
    replace: ['if (version !== this.#versions.get(workspaceId)) this.tell', 'if (version >= -1) this.tell'],
    tests: SHARED,
  },
  {
    id: 'f62-a', bug: 'a log that nobody reads any more is an uncaught error, which is logged',
    file: 'server/lib/observe/json-logger.ts',
    replace: ['  ignoreLostReader(log)\n', ''],
    tests: ['test/unit/server/lost-log.test.ts'],
  },
  {
    id: 'f63-a', bug: 'packed bodies are measured as they come',
    file: 'server/lib/http/receive-body.ts',
    replace: ['else if (unpack) fail(bodyError.tooLarge())', 'else if (unpack) chunks.push(chunk)'],
    tests: COMPRESSION,
  },
  {
    id: 'f63-b', bug: 'the checksum of a packed stream is that of its beginning',
    file: 'server/lib/stream/server-sent/gzip-frame.ts',
    replace: ['add({ bytes }: EncodedEvent, packed: Buffer): Buffer {\n    this.#count(bytes)', 'add(_: EncodedEvent, packed: Buffer): Buffer {'],
    tests: COMPRESSION,
  },
  {
    id: 'f63-c', bug: 'each stream packs its page for itself',
    file: 'server/lib/stream/server-sent/encoded-event.ts',
    replace: ['return this.#packing ??= deflate(', 'return deflate('],
    tests: ['test/unit/server/workspace-feed.test.ts'],
  },
  {
    id: 'f63-d', bug: 'a small event is not flushed, so a proxy that unpacks the stream keeps it back',
    file: 'server/lib/stream/server-sent/stored-blocks.ts',
    replace: ['[...blocks, FLUSH]', 'blocks'],
    tests: COMPRESSION,
  },
  {
    id: 'f36-pipelined', bug: 'replies that stand behind others on their connection count as taken at once',
    file: 'server/lib/http/when-gone.ts',
    replace: ['return res.req?.socket', 'return res.socket ?? undefined'],
    tests: BUDGETS,
  },
]
