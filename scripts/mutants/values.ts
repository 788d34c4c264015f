import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const SHARED = 'src/runtime/shared/sync'
const STORED = ['test/unit/engine/stored-values.test.ts']
const FAILED = ['test/unit/engine/failed-writes.test.ts']
const BAD_ROW = ['test/unit/engine/one-bad-row.test.ts']
const KEPT = ['test/unit/engine/kept-on-device.test.ts']
const REFUSED = ['test/unit/shared/refused-schemas.test.ts']

/** Bugs of our own: values that cannot be stored or cannot travel, and schemas that cannot work. */
export const VALUES: readonly Mutant[] = [
  {
    id: 'stored-values-a', bug: 'what is stored of an object is the app\'s own, proxies and all',
    file: `${SHARED}/rows/encode-row.ts`,
    replace: ['  return count === 1 && VALUE_TAGS', '  walk.stored = value\n  return count === 1 && VALUE_TAGS'],
    tests: STORED,
  },
  {
    id: 'stored-values-b', bug: 'a write that comes half-way leaves rows without entries, or entries without rows',
    file: `${CORE}/capture/hook-bridge.ts`,
    replace: ['if (!(error instanceof SyncError)) abort(trans)', ''],
    tests: STORED, simulated: true,
  },
  {
    id: 'stored-values-c', bug: 'nobody looks whether the engine\'s own record was written',
    file: `${CORE}/capture/hook-bridge.ts`,
    replace: ['if (response.numFailures) throw Object', 'if (response.numFailures < 0) throw Object'],
    tests: STORED,
  },
  {
    id: 'stored-values-d', bug: 'a delete that fails leaves its tombstone',
    file: `${CORE}/capture/hook-bridge.ts`,
    replace: ['    if (isPut) return response\n', '    return response\n'],
    tests: STORED,
  },
  {
    id: 'stored-values-e', bug: 'bytes over shared memory are sent, and the browser refuses to store them',
    file: `${SHARED}/rows/encode-row.ts`,
    replace: ['=== \'SharedArrayBuffer\') throw', '=== \'nothing\') throw'],
    tests: STORED,
  },
  {
    id: 'stored-values-f', bug: 'a row above what browsers store is handed to them',
    file: `${SHARED}/rows/encode-row.ts`,
    replace: ['if (walk.size > STORED_ROW_MAX_SIZE) throw', 'if (walk.size < 0) throw'],
    tests: STORED,
  },
  {
    id: 'stored-values-g', bug: 'a database that nothing is sent from stores whatever it is given',
    file: `${CORE}/capture/hook-bridge.ts`,
    replace: ['if (!this.options.captures()) return writePlain(table, down, request)', 'if (!this.options.captures()) return down.mutate(request)'],
    tests: STORED,
  },
  {
    id: 'failed-writes-a', bug: 'nobody hears that the disk was full',
    file: `${CORE}/capture/failed-writes.ts`,
    replace: ['if (!own.length && reason)', 'if (!own.length && !reason && call.isReported)'],
    tests: FAILED,
  },
  {
    id: 'failed-writes-b', bug: 'nobody hears that a key exists',
    file: `${CORE}/capture/hook-bridge.ts`,
    replace: ['this.#failed.note(request.trans, call, error, isPut', 'void (isPut'],
    tests: FAILED,
  },
  {
    id: 'failed-writes-c', bug: 'a rejected write is told of before its transaction is over',
    file: `${CORE}/capture/failed-writes.ts`,
    replace: ['if (this.#of(trans).isOver) this.#report', 'this.#report'],
    tests: FAILED,
  },
  {
    id: 'failed-writes-d', bug: 'what the app gives up itself counts as rejected',
    file: `${CORE}/capture/failed-writes.ts`,
    replace: ['call.failures.filter(({ error }) => !CONSEQUENCES.has(error.name))', 'call.failures'],
    tests: FAILED,
  },
  {
    id: 'depth-a', bug: 'the gateway takes rows that no device can write again',
    file: `${SHARED}/store/read-op.ts`,
    replace: ['findTooDeep(raw as WirePayload)', 'findTooDeep(raw as WirePayload, 256)'],
    tests: BAD_ROW,
  },
  {
    id: 'depth-b', bug: 'a device stores rows that it cannot write again',
    file: `${CORE}/rows/sync-payload-normalizer.ts`,
    replace: ['const problem = tooDeep === null ?', 'const problem = tooDeep !== undefined ?'],
    tests: BAD_ROW,
  },
  {
    id: 'depth-c', bug: 'a value that travels tagged counts as one level more on the server than on the device',
    file: `${SHARED}/rows/find-too-deep.ts`,
    replace: ['if (inner === null || typeof inner !== \'object\') return null', 'if (inner === null || typeof inner !== \'object\') return value'],
    tests: BAD_ROW,
  },
  {
    id: 'bad-row-a', bug: 'one row that cannot be encoded, or judged, stops every later flush',
    file: `${CORE}/push/collect-batch.ts`,
    replace: ['catch (error) { return { kind: \'refuse\', error: toSyncError(error) } }', 'catch (error) { throw toSyncError(error) }'],
    tests: BAD_ROW,
  },
  {
    id: 'bad-row-b', bug: 'a row that cannot be encoded stops what comes in for it',
    file: `${CORE}/rows/sync-payload-normalizer.ts`,
    replace: ['  catch { return false }', '  finally { /* whoever asked sees to it */ }'],
    tests: BAD_ROW,
  },
  {
    id: 'bad-row-c', bug: 'a row that cannot be judged stops what comes in for it',
    file: `${CORE}/context/exclusion.ts`,
    replace: ['  catch { return isOnlyHere(row) }', '  catch (error) { throw error }'],
    tests: BAD_ROW,
  },
  {
    id: 'kept-elsewhere-a', bug: 'what stays on its device is stored where it comes in',
    file: `${CORE}/merge/remote-change.ts`,
    replace: ['return context.isExcluded(table, change.row!) ?', 'return !context.isExcluded(table, change.row!) && change.pk === \'\' ?'],
    tests: KEPT,
  },
  {
    id: 'kept-elsewhere-b', bug: 'a store takes kv rows of the blocklist',
    file: `${SHARED}/store/read-op.ts`,
    replace: [' ?? blockedKvProblem(table, payload)', ''],
    tests: KEPT,
  },
  {
    id: 'kept-elsewhere-c', bug: 'a later filter takes away what an earlier one has added',
    file: `${CORE}/context/sync-hooks.ts`,
    replace: ['return [...new Set([...before, ...namesIn(listener', 'return [...new Set([...namesIn(listener'],
    tests: KEPT,
  },
  {
    id: 'schema-a', bug: 'a field may have a name that vanishes on the way',
    file: `${SHARED}/schema/check-fields.ts`,
    replace: ['return RESERVED_FIELDS.includes(name) ?', 'return RESERVED_FIELDS.includes(`!${name}`) ?'],
    tests: REFUSED,
  },
  {
    id: 'schema-b', bug: 'an index that finds nothing is taken',
    file: `${SHARED}/schema/check-indexes.ts`,
    replace: ['if (!indexed || !UNINDEXABLE.has(indexed)) return null', 'if (indexed !== undefined) return null'],
    tests: REFUSED,
  },
  {
    id: 'schema-c', bug: 'a primary key may be a number',
    file: `${SHARED}/schema/check-table.ts`,
    replace: ['if (kind !== null && kind !== \'string\') fail', 'if (kind === \'nothing\') fail'],
    tests: REFUSED,
  },
  {
    id: 'schema-d', bug: 'a misspelt option of a table is taken for none',
    file: `${SHARED}/schema/check-table.ts`,
    replace: ['if (unknown) fail(unknown.message, unknown.name)', ''],
    tests: REFUSED,
  },
]
