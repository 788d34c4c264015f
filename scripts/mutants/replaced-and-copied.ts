import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const SHARED = 'src/runtime/shared/sync'
const REPLACED = ['test/unit/engine/replaced-database.test.ts']
const REPLACED_HISTORIES = ['test/unit/simulation/replaced-histories.test.ts']
const COPIED = ['test/unit/engine/copied-databases.test.ts']
const KEPT = ['test/unit/engine/kept-losers.test.ts']
const OUTSIDE = ['test/unit/engine/outside-values.test.ts']
const RESTORED = ['test/unit/engine/restored-stores.test.ts']
const FOLD_TESTS = ['test/unit/server/fold-push.test.ts']

/** Databases that are deleted, copied or restored behind the engine's back, and values that come from outside (F2, F3, F7, F8, F10 to F12, F68). */
export const REPLACED_AND_COPIED: readonly Mutant[] = [
  {
    id: 'f2-a', bug: 'the position in a deleted database counts in the one that takes its place',
    file: `${CORE}/progress/cursor-manager.ts`,
    replace: ['this.#state = await this.stored()', 'const stored = await this.stored()\n    if (stored !== NOWHERE) this.#state = stored'],
    tests: REPLACED,
  },
  {
    id: 'f2-b', bug: 'a page that was asked for by a deleted database is taken by the one in its place',
    file: `${CORE}/progress/cursor-manager.ts`,
    replace: ['if (this.#incarnation !== this.options.incarnation()) throw new OvertakenError()\n', ''],
    tests: REPLACED,
  },
  {
    id: 'f2-c', bug: 'a deleted database goes on under the stamps of the one before: what was written with them seems to be its own',
    file: `${CORE}/life/local-store.ts`,
    replace: ['this.#incarnation++\n    this.renewNode()', 'this.#incarnation++'],
    also: [{ file: `${CORE}/life/sync-supervisor.ts`, replace: ['this.options.store.renewNode()', ''] }],
    tests: REPLACED,
  },
  {
    id: 'f2-d', bug: 'nobody notices that the database was deleted',
    file: `${CORE}/life/local-store.ts`,
    replace: ['else if (before && before !== this.#deviceId) this.#replaced()', 'else if (before && before === \'\') this.#replaced()'],
    tests: REPLACED, simulated: true,
  },
  {
    id: 'f2-e', bug: 'an answer to what a deleted database sent removes edits of the one in its place',
    file: `${CORE}/push/batch-transaction.ts`,
    replace: ['if (incarnation() !== batch.incarnation) throw new BatchOutlivedError()', 'if (incarnation() < 0) throw new BatchOutlivedError()'],
    also: [{ replace: ['batch: Pick<', '_batch: Pick<'] }],
    tests: REPLACED_HISTORIES,
  },
  {
    id: 'f2-f', bug: 'a tab takes outbox records of the database in its place for known: they are below those it knew',
    file: `${CORE}/push/batch-source.ts`,
    replace: ['this.#fresh.forget()', 'this.#fresh.leaveToOutbox()'],
    tests: REPLACED_HISTORIES,
  },
  {
    id: 'f3-a', bug: 'of a conflict with a row that is no valid row here, the row is lost',
    file: `${CORE}/merge/remote-change.ts`,
    replace: ['row: decoded.row }', '...(decoded.ok ? { row: decoded.row } : {}) }'],
    tests: KEPT,
  },
  {
    id: 'f7-a', bug: 'an op id that comes again under another revision hides the second conflict',
    file: `${CORE}/records/conflict-id.ts`,
    replace: ['${clock}:${hlc}:${opId}', '${opId}:${typeof clock}:${typeof hlc}'],
    tests: KEPT,
  },
  {
    id: 'f7-b', bug: 'an op id that a record has under another revision is taken',
    file: `${SHARED}/store/plan-push.ts`,
    replace: ['if (current && current.stamp.opId === op.stamp.opId) {', 'if (current && current.stamp.opId === op.pk) {'],
    tests: FOLD_TESTS,
  },
  {
    id: 'f8-a', bug: 'a foreign revision that stayed above an edit, acknowledged without a word, is no conflict',
    file: `${CORE}/push/note-answers.ts`,
    replace: ['if (!open.length) return', 'if (open.length >= 0) return'],
    tests: KEPT,
  },
  {
    id: 'f10-a', bug: 'any time that a provider tells is believed',
    file: `${CORE}/environment/server-clock.ts`,
    replace: ['return time >= EARLIEST_MS && time <= LATEST_MS', 'return time >= EARLIEST_MS || time <= LATEST_MS || true'],
    tests: OUTSIDE,
  },
  {
    id: 'f10-b', bug: 'whatever comes over the tabs\' channel is taken for a message of a tab',
    file: `${CORE}/tabs/read-tab-message.ts`,
    replace: ['return CHECKS[data.type as TabMessage[\'type\']](data) ? data as unknown as TabMessage : null', 'return data as unknown as TabMessage'],
    tests: OUTSIDE, simulated: true,
  },
  {
    id: 'f10-c', bug: 'edits with stamps out of form are sent as they are, and refused for ever',
    file: `${CORE}/push/collect-batch.ts`,
    replace: ['if (stampProblem(op.stamp)) return void batch.misstamped', 'if (stampProblem(op.stamp) === \'\') return void batch.misstamped'],
    tests: OUTSIDE,
  },
  {
    id: 'f10-e', bug: 'a change whose stamp is out of form is compared with others and applied',
    file: `${CORE}/merge/remote-change.ts`,
    replace: ['const unusable = stampProblem(change.stamp) ??', 'const unusable ='],
    tests: OUTSIDE,
  },
  {
    id: 'f10-key', bug: 'a row under a key that no edit may have is applied',
    file: `${CORE}/merge/remote-change.ts`,
    replace: [' ?? primaryKeyError(change.pk)', ''],
    tests: ['test/unit/engine/answers-out-of-form.test.ts'],
  },
  {
    id: 'f10-d', bug: 'changes that name no record break the page they came with',
    file: `${CORE}/pull/check-changes.ts`,
    replace: ['if (index >= 0) throw', 'if (index < -1) throw'],
    tests: OUTSIDE,
  },
  {
    id: 'f11-a', bug: 'whoever overwrites what stood there is taken to have known it',
    file: `${SHARED}/protocol/knew-revision.ts`,
    replace: ['return isAboveBase(revision, base) && isBelow(revision, edit) && unheard', 'return isAboveBase(revision, base) || unheard'],
    tests: [...FOLD_TESTS, ...COPIED],
  },
  {
    id: 'f12-a', bug: 'an edit does not say which edits before it have had no answer: it meets itself',
    file: `${CORE}/queue/outbox-view.ts`,
    replace: ['return [...new Set(nodes)].filter(isHlcNode).slice(-UNHEARD_MAX_NODES)', 'return [...new Set(nodes)].filter(isHlcNode).slice(0, 0 * UNHEARD_MAX_NODES)'],
    tests: [...COPIED, 'test/unit/simulation/fixed-histories.test.ts'], simulated: true,
  },
  {
    id: 'f12-c', bug: 'a copied database stamps under the node of its original',
    file: `${CORE}/life/sync-supervisor.ts`,
    replace: ['this.options.store.renewNode()\n', ''],
    tests: COPIED,
  },
  {
    id: 'f68-a', bug: 'a store takes every mark for one of its own: nobody notices that it was restored',
    file: `${SHARED}/store/commit-history.ts`,
    replace: ['return history.some(([first, last]) =>', 'return version >= 0 || history.some(([first, last]) =>'],
    tests: [...RESTORED, 'test/unit/shared/commit-history.test.ts'], simulated: true,
  },
  {
    id: 'f68-b', bug: 'of a commit that the answer to a push told of, nothing is noted',
    file: `${CORE}/push/settle-push.ts`,
    replace: ['notePushed(context, answered, isWalkedSince), context.heard.note(context.db, mark, asked),', 'notePushed(context, answered, isWalkedSince), context.heard.note(context.db, undefined, asked),'],
    also: [{ replace: ['await context.heard.note(context.db, mark, asked)\n  })', 'void mark\n  })'] }],
    tests: RESTORED,
  },
  {
    id: 'f68-c', bug: 'a push to a restored store makes the device forget what it knew of the store before',
    file: `${CORE}/push/batch-pusher.ts`,
    replace: ['mark: result.restored ? undefined : result.mark', 'mark: result.mark'],
    also: [{ replace: ['if (result.restored) onRestored()', ''] }],
    tests: RESTORED,
  },
  {
    id: 'f68-d', bug: 'the answer to one request is taken to follow up what another one told',
    file: `${CORE}/progress/heard-marks.ts`,
    replace: ['!followedUp.includes(known)', '(followedUp.includes(known) && false)'],
    tests: RESTORED,
  },
  {
    id: 'f68-marks', bug: 'a tab forgets which commits another one was told of: a restored store is not noticed',
    file: `${CORE}/progress/heard-marks.ts`,
    replace: ['...stored.filter(known => !mine.includes(known)), ', ''],
    tests: RESTORED,
  },
  {
    id: 'f68-e', bug: 'a walk over everything takes what a restored store lacks for deleted',
    file: `${CORE}/pull/bootstrap.ts`,
    replace: ['    ...(mark === undefined ? {} : { mark }),\n', ''],
    also: [{ replace: ['const mark = context.heard.current', 'void context'] }],
    tests: RESTORED,
  },
]
