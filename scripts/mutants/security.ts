import type { Mutant } from './mutant.ts'

const BACKEND_TESTS = ['test/unit/server/backends.test.ts', 'test/unit/server/pitfalls.test.ts']
const HOSTILE = ['test/unit/server/hostile.test.ts']
const PERSONAL = ['test/unit/server/personal-stores.test.ts']

/** Pitfalls 29 to 34: somebody reads, writes or wipes what is not theirs. */
export const SECURITY: readonly Mutant[] = [
  {
    id: 'pitfall-29', bug: 'the role is that of the first workspace, not of the request\'s',
    file: 'server/lib/context/gateway-context.ts',
    replace: ['access === \'write\' && workspace.role !== \'owner\' && workspace.role !== \'editor\'', 'access === \'write\' && session.workspaces[0]!.role === \'viewer\''],
    tests: HOSTILE,
  },
  {
    id: 'pitfall-29b', bug: 'a stream goes on after its reader\'s membership has ended',
    file: 'server/lib/stream/stream-changes.ts',
    replace: ['if (!isFirst && !await place.mayRead()) return', 'await place.mayRead().catch(() => false)'],
    tests: ['test/unit/server/membership.test.ts'],
  },
  {
    id: 'pitfall-29c', bug: 'the session of a stream is looked at once, and the answer kept',
    file: 'server/lib/context/gateway-context.ts',
    replace: ['await this.#askSession(freshEvent(event), gone)', 'await this.session(event)'],
    tests: ['test/unit/server/membership.test.ts'],
  },
  {
    id: 'personal-a', bug: 'streams share the pages of a store whose members get different rows',
    file: 'server/lib/stream/workspace-feed.ts',
    replace: ['if (this.backend.isPersonal) return await this.#read(place, reader)', ''],
    tests: PERSONAL,
  },
  {
    id: 'personal-b', bug: 'a stream goes on with what it read for a role that its reader does not have any more',
    file: 'server/lib/requests/stream-reader.ts',
    replace: ['if (context.options.backend.isPersonal) return false', ''],
    tests: PERSONAL,
  },
  {
    id: 'personal-c', bug: 'the store does not hear whose session pushes',
    file: 'server/lib/routes/push.ts',
    replace: ['userId: session.userId, session, items', 'userId: session.userId, items'],
    tests: PERSONAL,
  },
  {
    id: 'pitfall-30', bug: 'a device cursor can be moved back (memory)',
    file: 'server/lib/backends/memory.ts',
    replace: ['moveDevice(known, request)', 'moveDevice(undefined, request)'],
    tests: BACKEND_TESTS,
  },
  {
    id: 'pitfall-30b', bug: 'a device cursor can be moved back (SQLite)',
    file: 'server/lib/backends/sqlite/sqlite-statements.ts',
    replace: ['cursor = max(coalesce(cursor, 0), excluded.cursor)', 'cursor = excluded.cursor'],
    tests: BACKEND_TESTS,
  },
  {
    id: 'pitfall-30c', bug: 'a device id of somebody else speaks for theirs (memory)',
    file: 'server/lib/backends/memory.ts',
    replace: ['const key = `${request.userId}\\u0000${request.deviceId}`', 'const key = request.deviceId'],
    tests: BACKEND_TESTS,
  },
  {
    id: 'pitfall-30d', bug: 'a device that is gone holds GC for ever (memory)',
    file: 'src/runtime/shared/sync/store/collectable.ts',
    replace: ['if (isWaitedFor(device, times)) lowest', 'lowest'],
    tests: BACKEND_TESTS,
  },
  {
    id: 'pitfall-30e', bug: 'a device that is gone holds GC for ever (SQLite)',
    file: 'server/lib/backends/sqlite/sqlite-statements.ts',
    replace: ['FROM devices WHERE workspace = ? AND seen_at >= ?\'', 'FROM devices WHERE workspace = ? AND ? > 0\''],
    tests: BACKEND_TESTS,
  },
  {
    id: 'pitfall-30f', bug: 'a cursor above the workspace\'s version is taken',
    file: 'server/lib/backends/memory.ts',
    replace: ['if (isAhead(request.version, version)) return \'ahead\'', ''],
    tests: BACKEND_TESTS,
  },
  {
    id: 'pitfall-31', bug: 'an op known in another workspace is answered success without a write',
    file: 'server/lib/backends/sqlite/sqlite-statements.ts',
    replace: ['SELECT memory FROM results WHERE workspace = ? AND', 'SELECT memory FROM results WHERE ? > 0 AND'],
    tests: BACKEND_TESTS,
  },
  {
    id: 'pitfall-32', bug: 'the body is looked at before the session',
    file: 'server/lib/routes/push.ts',
    replace: ['const body = await readJsonBody(event, context, session)', ''],
    also: [
      { replace: ['const session = await context.requireSession(event)', 'const body = await readJsonBody(event, context, { userId: \'?\', workspaces: [{ id: \'?\', role: \'viewer\' }] })\n  checkShape(pushShape, body.parse())\n  const session = await context.requireSession(event)'] },
      { replace: ['const { scope, items, bytes } = await readBatch(event, context, session)', 'const { scope, items, bytes } = await readBatch(body, context, session)'] },
      { replace: ['async function readBatch(event: H3Event,', 'async function readBatch(body: Awaited<ReturnType<typeof readJsonBody>>,'] },
    ],
    tests: HOSTILE,
  },
  {
    id: 'pitfall-32b', bug: 'the store\'s own error reaches the client, as a 500',
    file: 'server/lib/requests/handle-request.ts',
    replace: ['if (error instanceof BackendUnavailableError) {', 'if (error instanceof BackendUnavailableError && options.logger === null) {'],
    also: [{ replace: ['\'the server failed to answer; its log says why\'', 'String(error)'] }],
    tests: ['test/unit/server/gateway.test.ts'],
  },
  {
    id: 'pitfall-33', bug: 'signing out wipes the database without looking at unsynced work',
    file: 'src/runtime/app/sync-client.ts',
    replace: ['if (wipe && !force) refuseUnsynced', 'if (wipe && force) refuseUnsynced'],
    also: [{ replace: ['if (force) for (const name of names)', 'if (wipe) for (const name of names)'] }],
    tests: ['test/unit/engine/pitfalls-sign-out.test.ts'],
  },
  {
    id: 'pitfall-33b', bug: 'the next account of a browser sees the last one\'s rows',
    file: 'src/runtime/core/sync/database/sync-database.ts',
    replace: ['`${prefixOf(userId)}${encodeId(workspaceId)}`', '`or3-db-${encodeId(workspaceId)}`'],
    tests: ['test/unit/engine/pitfalls-databases.test.ts'],
  },
  {
    id: 'pitfall-34', bug: '__proto__ and workspace_id inside payloads are stored',
    file: 'src/runtime/shared/sync/store/read-op.ts',
    replace: ['const payload = sanitizePayload(raw as WirePayload)', 'const payload = raw as WirePayload'],
    tests: HOSTILE,
  },
  {
    id: 'pitfall-34b', bug: 'a payload may carry another key than its op',
    file: 'src/runtime/shared/sync/rows/validate-payload.ts',
    replace: ['return key === pk ? null :', 'return key !== undefined ? null :'],
    tests: HOSTILE,
  },
  {
    id: 'erase', bug: 'what is erased stays readable in free pages of the file',
    file: 'server/lib/backends/sqlite/open-sqlite.ts',
    replace: ['secure_delete = ON', 'secure_delete = OFF'],
    tests: ['test/unit/server/sqlite.test.ts'],
  },
  {
    id: 'erase-b', bug: 'devices of an erased workspace keep its rows once others have written there',
    file: 'server/lib/backends/memory.ts',
    replace: ['workspace.gcFloor = ++workspace.version', 'workspace.version = 0'],
    tests: BACKEND_TESTS,
  },
  {
    id: 'purge', bug: 'a put from before purged deletions brings the record back',
    file: 'src/runtime/shared/sync/store/plan-push.ts',
    replace: ['writtenAt(op) < (this.input.purgedBefore ?? 0)', 'writtenAt(op) < 0'],
    tests: BACKEND_TESTS,
  },
  {
    id: 'huge-number', bug: 'a number that is too large is stored as null',
    file: 'src/runtime/shared/sync/store/read-op.ts',
    replace: ['return !Number.isFinite(value)', 'return false'],
    tests: HOSTILE,
  },
  {
    id: 'slow-body', bug: 'a body that drips is waited for as long as it drips',
    file: 'server/lib/http/receive-body.ts',
    replace: ['setTimeout(() => fail(bodyError.tooSlow(timeoutMs)), timeoutMs)', 'setTimeout(() => {}, timeoutMs)'],
    tests: HOSTILE,
  },
  {
    id: 'drain', bug: 'a server that stops closes its store under a batch',
    file: 'server/lib/create-sync-gateway.ts',
    replace: ['await context.requests.finished(context.settings.bodyTimeoutMs)', ''],
    tests: ['test/unit/server/shutdown.test.ts'],
  },
]
