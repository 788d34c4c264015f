import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const COST_TESTS = ['test/convex/cost.test.ts']
const BACKEND_TESTS = ['test/convex/backend.test.ts']
const ACCESS_TESTS = ['test/convex/authorisation.test.ts']
const WATCH_TESTS = ['test/convex/gateway-watch.test.ts']
const CONNECTION_TESTS = ['test/unit/server/convex-connection.test.ts']
const WAY = 'server/lib/backends/convex'
const LIMIT_TESTS = ['test/convex/limits.test.ts']
const MATERIALIZE_TESTS = ['test/convex/materialize.test.ts']

/** Bugs of the functions on Convex: its own, and those of the other stores that it could have as well. */
export const CONVEX: readonly Mutant[] = [
  {
    id: 'pitfall-37', bug: 'on Convex the counter is written once for every op of a batch',
    file: 'src/convex/store/write-batch.ts',
    replace: [
      'counter\n      ? db.patch(counter._id, { workspace_id: workspaceId, value: version, commits: encodeHistory(commits), ...hand && { hand } })',
      'counter ? writes.reduce((done, row) => done.then(() => db.patch(counter._id, { workspace_id: workspaceId, value: row.serverVersion })), Promise.resolve())',
    ],
    tests: COST_TESTS,
  },
  {
    id: 'pitfall-37b', bug: 'on Convex the query that is subscribed to returns the changes',
    file: 'src/convex/functions/watch-changes.ts',
    replace: ['returns: v.object({ latestVersion: v.number(), epoch: v.string() })', 'returns: v.any()'],
    also: [{ replace: ['return { latestVersion: counter?.value ?? 0, epoch }', 'return { latestVersion: counter?.value ?? 0, epoch, changes: await db.query(\'change_log\').collect() }'] }],
    tests: COST_TESTS,
  },
  {
    id: 'pitfall-5d', bug: 'a cursor from before GC is continued as if nothing were missing (Convex)',
    file: 'src/convex/store/read-page.ts',
    replace: ['gcFloor: counter?.gc_floor ?? 0', 'gcFloor: 0'],
    tests: BACKEND_TESTS,
  },
  {
    id: 'pitfall-6d', bug: 'a page of some tables moves its cursor to the end of the feed (Convex)',
    file: 'src/convex/store/read-page.ts',
    replace: ['...closePage(page, request, walk)', '...closePage(page, request, walk), ...request.order === \'asc\' && { nextCursor: page.latestVersion }'],
    tests: BACKEND_TESTS,
  },
  {
    id: 'pitfall-29d', bug: 'a viewer may write (Convex)',
    file: 'src/convex/require-access.ts',
    replace: ['if (request.access === \'write\' && member', 'if (request.access !== \'write\' && member'],
    tests: ACCESS_TESTS,
  },
  {
    id: 'pitfall-30g', bug: 'any caller may run GC, with a retention of 0 (Convex)',
    file: 'src/convex/functions/builders.ts',
    replace: ['import { internalMutationGeneric,', 'import { mutationGeneric as internalMutationGeneric,'],
    tests: ACCESS_TESTS,
  },
  {
    id: 'pitfall-30h', bug: 'a device cursor can be moved back (Convex)',
    file: 'src/convex/store/move-cursor.ts',
    replace: ['moveDevice(device, ', 'moveDevice(undefined, '],
    tests: BACKEND_TESTS,
  },
  {
    id: 'pitfall-30i', bug: 'a device id of somebody else speaks for theirs (Convex)',
    file: 'src/convex/store/move-cursor.ts',
    replace: ['q.eq(\'workspace_id\', workspaceId).eq(\'user_id\', userId)).take(', 'q.eq(\'workspace_id\', workspaceId)).take('],
    tests: ACCESS_TESTS,
  },
  {
    id: 'pitfall-31b', bug: 'an op known in another workspace is answered success without a write (Convex)',
    file: 'src/convex/store/push-memories.ts',
    replace: [
      '.withIndex(\'by_writer\', q => q.eq(\'workspace_id\', workspaceId).eq(\'user_id\', userId).eq(\'node\', node))\n    .unique()',
      '.filter(q => q.and(q.neq(q.field(\'workspace_id\'), workspaceId + userId), q.eq(q.field(\'node\'), node)))\n      .first()',
    ],
    tests: BACKEND_TESTS,
  },
  {
    id: 'convex-memories-budget', bug: 'a batch of many tabs reads more of what they were answered than a transaction of Convex may',
    file: 'src/convex/store/push-memories.ts',
    replace: ['if (items.length > 1 && bytes > MEMORIES_MAX_READ_BYTES) throw', 'if (items.length < 0 && bytes > MEMORIES_MAX_READ_BYTES) throw'],
    tests: LIMIT_TESTS,
  },
  ...inFile('src/convex/store/materialize-rows.ts', MATERIALIZE_TESTS, [
    {
      id: 'convex-key-twice', bug: 'a key that stands twice in the app\'s table fails the whole batch',
      replace: ['const [found, another] = await standing.take(2)', 'const [found, another] = [await standing.unique(), null]'],
    },
    {
      id: 'convex-key-twice-delete', bug: 'a key that stands twice in the app\'s table can never be deleted',
      replace: ['(await standing.collect()).map(', '[await standing.unique()].flatMap(found => found ?? []).map('],
    },
    {
      id: 'convex-erase-dropped-table', bug: 'a workspace with rows of a table that left the schema can never be erased',
      replace: ['const target = table && Object.hasOwn(targets, table.name)', 'const target = Object.hasOwn(targets, table!.name)'],
      also: [{ replace: ['? targets[table.name] : undefined', '? targets[table!.name] : undefined'] }],
      tests: ['test/convex/erase.test.ts'],
    },
  ]),
  {
    id: 'convex-refused-by-record', bug: 'with an op that the app\'s table does not take, every other op of its record is refused',
    file: 'src/convex/store/push-batch.ts',
    replace: ['if (!found || compareRevisions(item.stamp, found.stamp) !== 0) return item', 'if (!found) return item'],
    tests: MATERIALIZE_TESTS,
  },
  {
    id: 'convex-purge-at-nan', bug: 'a time that is no number switches off the check that purged deletions need',
    file: 'src/convex/functions/push.ts',
    replace: ['purgedBefore !== undefined && !Number.isFinite(purgedBefore)', 'purgedBefore === null'],
    tests: LIMIT_TESTS,
  },
  {
    id: 'convex-page-of-nan', bug: 'a page of NaN bytes ends nowhere',
    file: 'src/convex/functions/answer-pull.ts',
    replace: ['!Number.isSafeInteger(maxBytes) || maxBytes < 1', 'maxBytes < 1'],
    tests: LIMIT_TESTS,
  },
  {
    id: 'convex-unknown-operation', bug: 'an operation that the store does not know fails the whole call',
    file: 'src/convex/functions/wire.ts',
    replace: ['operation: v.string() as VString<SyncOperation>', 'operation'],
    tests: LIMIT_TESTS,
  },
  ...inFile(`${WAY}/watch-socket.ts`, WATCH_TESTS, [
    {
      id: 'convex-token-lost', bug: 'a gateway that was without a token once never hears of a commit on Convex again',
      replace: ['else void this.#signInAgain(client)', ''],
    },
    {
      id: 'convex-token-lost-log', bug: 'each try of a socket that is not signed in is logged',
      replace: ['if (++this.#failures > 1) return', 'this.#failures++'],
    },
    {
      id: 'convex-token-lost-twice', bug: 'the second time that the socket\'s token is lost nobody is told',
      replace: ['if (isSignedIn) this.#failures = 0', 'if (isSignedIn) this.#noToken = null'],
    },
    {
      id: 'convex-broken-socket', bug: 'a socket that could not be opened is kept, and nobody catches its error',
      replace: ['this.#client = null\n      this.#failed(error)\n      return null', 'throw error'],
    },
    {
      id: 'convex-unopened-watchers', bug: 'who watched while the socket could not be opened is forgotten',
      replace: ['while (!client && await this.#pause(over)) client = await this.#open()', ''],
      also: [{ replace: ['let client = await', 'const client = await'] }],
    },
  ]),
  {
    id: 'convex-url-unchecked', bug: 'a Convex URL that is none is found out by nobody',
    file: `${WAY}/connect-convex.ts`,
    replace: ['  checkUrl(connection.url)\n', ''],
    tests: WATCH_TESTS,
  },
  {
    id: 'convex-failed-batch', bug: 'a batch that a Convex function fails over is told as a store that is away',
    file: `${WAY}/connect-convex.ts`,
    replace: ['if (name === \'push\') throw', 'if (name === \'pull\') throw'],
    tests: CONNECTION_TESTS,
  },
  {
    id: 'convex-failed-batch-guard', bug: 'the guard of the store takes a batch that fails for a store that is away',
    file: 'server/lib/backends/guard-backend.ts',
    replace: ['[BackendUnavailableError, FailedBatchError, GatewayError, SyncError]', '[BackendUnavailableError, GatewayError, SyncError]'],
    tests: CONNECTION_TESTS,
  },
  {
    id: 'empty-push-unasked', bug: 'an empty push is answered without asking the store whether it takes pushes',
    file: 'server/lib/routes/push.ts',
    replace: ['  await context.work.hold(event, session.userId, PULL_PAGE_BYTES)', '  if (items.length === 0) return new JsonBytes(serializePush({ results: [], serverVersion: await context.options.backend.latestVersion(scope.workspaceId) }, context.now()), session.userId)\n  await context.work.hold(event, session.userId, PULL_PAGE_BYTES)'],
    tests: CONNECTION_TESTS,
  },
  {
    id: 'convex-hand', bug: 'on Convex, the clock of the server\'s own writes starts anew with each write',
    file: 'src/convex/store/write-batch.ts',
    replace: ['commits: encodeHistory(commits), ...hand && { hand } })\n      :', 'commits: encodeHistory(commits) })\n      :'],
    tests: ['test/convex/backend.test.ts'],
  },
  {
    id: 'convex-hand-b', bug: 'on Convex, an erasure leaves the clock of the server\'s own writes behind',
    file: 'src/convex/store/erase-workspace.ts',
    replace: ['commits, hand: undefined })', 'commits })'],
    tests: ['test/convex/server-writes.test.ts'],
  },
  {
    id: 'convex-write', bug: 'on Convex, the rows of a write that the app\'s table does not take are left out, and the others stored',
    file: 'src/convex/store/write-rows.ts',
    replace: ['if (index < 0) return', 'if (index < 1_000) return'],
    tests: ['test/convex/server-writes.test.ts'],
  },
  {
    id: 'convex-write-b', bug: 'on Convex, a repeated write is refused for the size of what it has written itself',
    file: 'src/convex/store/write-rows.ts',
    replace: ['|| found.some((doc, index) => doc?.op_id === input.edits[index]!.opId)', ''],
    tests: ['test/convex/server-writes.test.ts'],
  },
  {
    id: 'convex-list', bug: 'a list that needed several calls of a deployment shows several moments',
    file: 'server/lib/backends/convex/list-convex.ts',
    replace: ['if (page.version === first.version) return', 'return'],
    tests: ['test/unit/server/list-convex.test.ts'],
  },
  {
    id: 'convex-previous', bug: 'a push to Convex does not say what it has replaced',
    file: 'src/convex/functions/to-wire-result.ts',
    replace: ['...replaced !== undefined && { previous: replaced },', ''],
    tests: ['test/convex/server-writes.test.ts'],
  },
]
