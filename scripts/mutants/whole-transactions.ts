import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const GROUPS = ['test/unit/engine/whole-transactions/sent-groups.test.ts']
const STEPS = ['test/unit/engine/whole-transactions/level-steps.test.ts']
const WALK_HISTORIES = ['test/unit/simulation/consistency/walks.test.ts']

/** Transactions stay whole, and causes come before effects (7.16, 7.17). */
export const WHOLE_TRANSACTIONS: readonly Mutant[] = [
  {
    id: 'group-per-call', bug: 'the calls of one transaction go in different pushes',
    file: `${CORE}/capture/write-outbox.ts`,
    replace: ['const group = context.groupOf(ops[0]!.edit.hlc)', 'const group = ops[0]!.edit.hlc'],
    tests: GROUPS,
  },
  ...inFile(`${CORE}/queue/outbox-window.ts`, GROUPS, [
    {
      id: 'group-cut', bug: 'a push ends inside a transaction',
      replace: ['this.#reach < id && (group === undefined || group !== this.#last.group)', 'this.#reach < id'],
    },
    {
      id: 'group-shared', bug: 'transactions that share an unsent record go in different pushes',
      replace: ['this.#reach < id && (group', '(group'],
    },
    {
      id: 'group-too-many', bug: 'a transaction that is too large for one push is sent as one',
      replace: ['this.#keys.size > this.options.limit) this.#isTooMany = true', 'this.#keys.size > 1e9) this.#isTooMany = true'],
    },
  ]),
  {
    id: 'group-held', bug: 'a push ends inside a transaction where one of its records is held',
    file: `${CORE}/records/outbox-records.ts`,
    replace: ['({ ...shared, status: \'held\', ops: [op] })', '({ tableName, createdAt, status: \'held\', ops: [op] })'],
    tests: GROUPS,
  },
  {
    id: 'group-stale', bug: 'edits that another tab has sent still count, so a later edit of the same record is sent before its turn',
    file: `${CORE}/push/collect-batch.ts`,
    replace: ['if (outbox.takeStale()) continue', ''],
    tests: ['test/unit/engine/whole-transactions/stale-index.test.ts'],
  },
  ...inFile(`${CORE}/push/batch-packer.ts`, GROUPS, [
    {
      id: 'group-target', bug: 'a transaction above the usual size of a push is cut',
      replace: ['else if (this.#exceeds(op)) this.#state = \'cut\'', 'else this.#state = \'cut\''],
    },
    {
      id: 'group-bytes', bug: 'a transaction of too many bytes is sent as one',
      replace: ['return this.#requestBytes > most.bytes', 'return false'],
    },
  ]),
  {
    id: 'group-uncut', bug: 'a transaction that is refused for its size is sent again as a whole, for ever',
    file: `${CORE}/push/fault-finder.ts`,
    replace: ['return isOneGroup ? { kind: \'cut\', isSlow: false } : { kind: \'again\' }', 'return { kind: \'again\' }'],
    tests: GROUPS,
  },
  {
    id: 'group-split-untold', bug: 'the app is not told that a transaction is cut',
    file: `${CORE}/push/batch-pusher.ts`,
    replace: ['if (batch.split) this.#announceSplit(batch.split)', ''],
    tests: GROUPS,
  },
  {
    id: 'group-limits', bug: 'what the store tells of its limits is ignored',
    file: `${CORE}/push/batch-limits.ts`,
    replace: ['atLeastOne(told?.ops ?? REQUEST_MAX_OPS)', 'REQUEST_MAX_OPS'],
    tests: [...GROUPS, 'test/unit/engine/batch-limits.test.ts'],
  },
  ...inFile(`${CORE}/pull/page-taker.ts`, STEPS, [
    {
      id: 'step-cut', bug: 'a level step is cut in two: each page is shown when it comes',
      replace: ['if (page.hasMore && !this.#isByPage) {', 'if (Number(page.hasMore) > 1) {'],
    },
    {
      id: 'step-early', bug: '`consistent` is told although the store had more',
      replace: ['isLevel: !hasMore', 'isLevel: true || hasMore'],
    },
    {
      id: 'step-late', bug: '`consistent` is true while pages are shown one by one',
      replace: ['if (parts.some(({ hasMore }) => hasMore)) await applier.beginPart()', ''],
    },
    {
      id: 'step-cut-offs', bug: 'a step that is cut off again and again never gets on',
      replace: ['if (step.pages.length === 1) await applier.note({ cutOffs: (state.cutOffs ?? 0) + 1 })', ''],
    },
    {
      id: 'step-unbounded', bug: 'a step of any size is kept in memory',
      replace: ['this.#isByPage ||= step.isTooLarge', ''],
    },
  ]),
  ...inFile(`${CORE}/pull/change-applier.ts`, STEPS, [
    {
      id: 'echo-after-walk', bug: 'an own edit that comes again after a walk is taken for an echo, although its row is gone',
      replace: ['if (walk?.step === \'begin\') echoes.clear()', ''],
      tests: ['test/unit/engine/echoes-after-walks.test.ts'],
    },
    {
      id: 'walk-answers', bug: 'a device says that it is consistent after a rescan although an edit waits whose record the store may have deleted',
      replace: ['if (answersUntil && !await areAnswered(db, answersUntil, name => Object.hasOwn(schema.tables, name))) return false', 'void areAnswered'],
    },
    {
      id: 'step-level-again', bug: 'a device that is level after a walk does not say that it is consistent',
      replace: ['(upTo ?? Infinity) < stored.cursor || !await', '(upTo ?? Infinity) <= stored.cursor || !await'],
    },
  ]),
  {
    id: 'walk-consistent', bug: 'a device says that it is consistent while it rescans',
    file: `${CORE}/pull/catch-up.ts`,
    replace: [', cursor: { consistent: false } })', ' })'],
    tests: STEPS,
  },
  {
    id: 'walk-moved', bug: 'a row that was edited during a walk is removed at its end, until the next pull brings it back',
    file: `${CORE}/pull/bootstrap.ts`,
    replace: ['if (isAllOfIt || state.sweep === \'none\') return state', 'return state'],
    tests: WALK_HISTORIES,
  },
  {
    id: 'walk-moved-unread', bug: 'a walk over several pages counts as one moment of the store',
    file: `${CORE}/pull/bootstrap.ts`,
    replace: ['isAllOfIt = isFirst || page.latestVersion === state.target', 'isAllOfIt = isFirst || page.latestVersion !== undefined'],
    tests: WALK_HISTORIES,
  },
  {
    id: 'walk-marks-lowest', bug: 'a row that a walk has read twice is taken for one that the store has lost',
    file: `${CORE}/progress/walk-marks.ts`,
    replace: ['if (!before || compareRevisions(revision, before) > 0) seen.set', 'seen.set'],
    tests: WALK_HISTORIES,
  },
  ...inFile(`${CORE}/pull/live-subscription.ts`, STEPS, [
    {
      id: 'step-rest', bug: 'a step whose rest does not come waits for ever',
      replace: ['clock.setTimeout(() => this.pullSoon(), REST_MS)', 'clock.setTimeout(() => {}, REST_MS)'],
    },
    {
      id: 'unplaced-consistent', bug: 'a device says that it is consistent after changes without a place in the feed',
      replace: ['if (changes.length) await applier.beginPart()', ''],
    },
  ]),
  ...inFile(`${CORE}/push/unreached-winners.ts`, STEPS, [
    {
      id: 'winner-at-once', bug: 'the winner over an edit is shown without the rest of its transaction',
      replace: ['return !isVersion(serverVersion) ||', 'return isVersion(serverVersion) ||'],
    },
    {
      id: 'winner-missed', bug: 'the winner over an edit is shown alone once pages have come that the store sent before its answer',
      replace: ['if (waiting.version <= version) this.#waiting.delete(opId)', 'this.#waiting.delete(opId), this.#missed.set(opId, waiting.winner)'],
    },
    {
      id: 'winner-elsewhere', bug: 'a winner that another tab has read is left to the feed, which does not bring it again',
      replace: ['Math.max(stored, this.cursor())', 'this.cursor()'],
      tests: ['test/unit/engine/whole-transactions/unreached-winners.test.ts'],
    },
    {
      id: 'winner-never', bug: 'an edit waits for ever for a version that the provider does not reach',
      replace: ['if (waiting) this.#missed.set(opId, waiting.winner)', ''],
    },
  ]),
]
