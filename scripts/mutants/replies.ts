import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const PLACES = ['test/unit/engine/places-out-of-form.test.ts']
const ANSWERS = ['test/unit/engine/answers-out-of-form.test.ts']
const ERROR_CODES = ['test/unit/engine/error-codes.test.ts']
const DAMAGED = ['test/unit/engine/damaged-requests.test.ts']

/** Requests that are damaged on their way, and replies that are out of form. */
export const REPLIES: readonly Mutant[] = [
  {
    id: 'damaged-a', bug: 'a request that the gateway cannot read is a verdict on the edits in it',
    file: 'src/runtime/shared/sync/protocol/retry-policy.ts',
    replace: ['batch: \'invalid\', store: \'well\', isFinalAtGateway: false', 'batch: \'invalid\', store: \'well\', isFinalAtGateway: true'],
    tests: DAMAGED,
  },
  {
    id: 'damaged-b', bug: 'one row that is damaged each time on its way holds up all others',
    file: 'src/runtime/shared/sync/protocol/retry-policy.ts',
    replace: ['error.retryable) return \'strange\'', 'error.retryable) return \'wait\''],
    tests: ['test/unit/engine/firewalls.test.ts'],
  },
  {
    id: 'damaged-c', bug: 'a compressed body that arrives damaged goes compressed again',
    file: `${CORE}/transport/gateway/packed-pushes.ts`,
    replace: ['answer.status === 415 || (isOurs && answer.status === 400)', 'answer.status === 415'],
    tests: ['test/unit/engine/compressed-pushes.test.ts'],
  },
  {
    id: 'damaged-d', bug: 'a doubled header says that somebody else is signed in',
    file: 'server/lib/session/check-user.ts',
    replace: ['if (!/[\\s,]/.test(header)) return', 'if (header.length >= 0) return'],
    tests: ['test/unit/server/other-user.test.ts'],
  },
  {
    id: 'marks-a', bug: 'whatever a provider calls a mark is kept and handed back',
    file: `${CORE}/progress/heard-marks.ts`,
    replace: ['if (!isCommitMark(mark)) return', 'if (mark === undefined) return'],
    tests: DAMAGED,
  },
  {
    id: 'marks-b', bug: 'a stored mark that is none is handed back',
    file: `${CORE}/progress/heard-marks.ts`,
    replace: ['.split(\',\').filter(isCommitMark)', '.split(\',\')'],
    tests: DAMAGED,
  },
  {
    id: 'marks-c', bug: 'marks that the gateway could not read count as followed up',
    file: 'server/lib/http/mark-header.ts',
    replace: ['(namedMarks(event) !== undefined && readMark(event) === undefined)', 'namedMarks(event) === \'\\0\''],
    tests: ['test/unit/server/damaged-marks.test.ts'],
  },
  {
    id: 'marks-d', bug: 'marks that came twice are not looked at',
    file: 'server/lib/http/mark-header.ts',
    replace: ['[...new Set(header.split(\',\').map(mark => mark.trim()))].join(\',\')', 'header'],
    tests: ['test/unit/server/damaged-marks.test.ts'],
  },
  {
    id: 'marks-e', bug: 'to a Convex deployment another provider\'s mark says that it was restored: a pull',
    file: 'src/convex/functions/answer-pull.ts',
    replace: ['mark: areCommitMarks(mark) ? mark : undefined', 'mark: areCommitMarks(mark) ? undefined : mark'],
    tests: ['test/convex/marks.test.ts'],
  },
  {
    id: 'marks-f', bug: 'to a Convex deployment another provider\'s mark says that it was restored: a push',
    file: 'src/convex/functions/push.ts',
    replace: ['mark: areCommitMarks(mark) ? mark : undefined', 'mark: areCommitMarks(mark) ? undefined : mark'],
    tests: ['test/convex/marks.test.ts'],
  },
  {
    id: 'places-a', bug: 'whatever a live page calls its place becomes the cursor',
    file: `${CORE}/pull/live-pages.ts`,
    replace: ['isVersion(page?.from) && isVersion(page.nextCursor) ? { ...page } : undefined', 'page'],
    tests: PLACES,
  },
  {
    id: 'places-b', bug: 'a walk ends at whatever a provider calls its latest version',
    file: `${CORE}/pull/remote-pages.ts`,
    replace: ['isVersion(page.latestVersion) ? page :', 'page ? page :'],
    tests: PLACES,
  },
  {
    id: 'places-c', bug: 'a first sync goes on from whatever a push answer calls a version',
    file: `${CORE}/push/note-answers.ts`,
    replace: ['isVersion(serverVersion) ? serverVersion : 1', 'serverVersion ?? 1'],
    tests: PLACES,
  },
  {
    id: 'places-d', bug: 'a stored cursor that is none stays',
    file: `${CORE}/progress/cursor-manager.ts`,
    replace: ['isVersion(stored.cursor) ? stored :', 'stored ? stored :'],
    tests: PLACES,
  },
  {
    id: 'answers-a', bug: 'one answer that is out of form keeps its whole batch from being taken',
    file: `${CORE}/push/check-push-reply.ts`,
    replace: ['results: reply.results.map(readPushResult)', 'results: reply.results'],
    also: [{ replace: ['import { readPushResult } from \'./read-push-result\'\n', ''] }],
    tests: ANSWERS,
  },
  {
    id: 'answers-b', bug: 'an edit that lost to nobody knows what counts as stored',
    file: `${CORE}/push/read-push-result.ts`,
    replace: ['if (said.success && said.applied === false &&', 'if (said.success && said.applied === undefined &&'],
    tests: ANSWERS,
  },
  {
    id: 'codes-a', bug: 'a provider is believed to know that this database is a newer one\'s',
    file: `${CORE}/context/name-user.ts`,
    replace: ['const error = toWireError(thrown)', 'const error = toSyncError(thrown)'],
    also: [{ replace: ['import { SyncError, toWireError }', 'import { SyncError, toSyncError }'] }],
    tests: ERROR_CODES,
  },
  {
    id: 'codes-d', bug: 'a pause that a provider asks for is forgotten where its error code is not believed',
    file: 'src/runtime/shared/sync/protocol/errors.ts',
    replace: ['{ retryAfter: error.retryAfter, cause: error }', '{ cause: error }'],
    tests: ERROR_CODES,
  },
  {
    id: 'codes-b', bug: 'a provider of another bundle is believed, whatever it says',
    file: 'src/runtime/shared/sync/protocol/errors.ts',
    replace: ['isWireErrorCode(thrown.code) && typeof thrown.retryable', 'typeof thrown.code === \'string\' && typeof thrown.retryable'],
    also: [{ replace: ['return new SyncError(thrown.code, String', 'return new SyncError(thrown.code as SyncErrorCode, String'] }],
    tests: ERROR_CODES,
  },
  {
    id: 'codes-c', bug: 'an answer to an op may have any code',
    file: `${CORE}/push/read-push-result.ts`,
    replace: ['isWireErrorCode(errorCode)', 'typeof errorCode === \'string\''],
    also: [{ replace: ['import { isWireErrorCode } from \'../../../shared/sync/protocol/errors\'\n', ''] }],
    tests: ERROR_CODES,
  },
  {
    id: 'answers-c', bug: 'what IndexedDB cannot hold is taken out of an answer',
    file: `${CORE}/push/read-push-result.ts`,
    replace: ['stampProblem(stamp) === null && isStorable(revision)', 'stampProblem(stamp) === null && isStorable(stamp)'],
    tests: ANSWERS,
  },
  {
    id: 'answers-d', bug: 'one change that IndexedDB cannot hold keeps out all that come after it',
    file: `${CORE}/pull/change-applier.ts`,
    replace: ['if (storable.every((change, index) => change === remote[index])) throw error', 'if (storable.length) throw error'],
    tests: ANSWERS,
  },
  {
    id: 'wrappers-a', bug: 'a schema with a wireName keeps the stop signal from the provider',
    file: `${CORE}/context/name-tables.ts`,
    replace: ['tableName: toWire(op.tableName) })) }, options),', 'tableName: toWire(op.tableName) })) }),'],
    also: [{ replace: ['push: (batch, options) =>', 'push: batch =>'] }],
    tests: ['test/unit/engine/provider-wrappers.test.ts'],
  },
]
