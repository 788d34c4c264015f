import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const TAB_HISTORIES = ['test/unit/simulation/tab-histories.test.ts']
const THAWED = ['test/unit/simulation/thawed-leader.test.ts', 'test/unit/engine/thawed-leader.test.ts']
const LIFECYCLE = ['test/unit/engine/lifecycle.test.ts']
const WAKES = ['test/unit/simulation/lifecycle.test.ts']
const WALKS = ['test/unit/engine/push-during-walk.test.ts']
const OUTBOX_TESTS = ['test/unit/engine/outbox.test.ts']
const FOLD_TESTS = ['test/unit/server/fold-push.test.ts', 'test/unit/shared/push-memory.test.ts']

/** Bugs of our own: edits of which nobody knows yet what became of them, refused ones, and those that others overtook. */
export const EDITS_IN_DOUBT: readonly Mutant[] = [
  ...inFile(`${CORE}/push/push-fate.ts`, WALKS, [
    {
      id: 'walk-ends-early', bug: 'a walk over everything ends before the push under way is answered',
      replace: ['await this.#landing', 'void this.#landing'],
    },
    {
      id: 'page-before-answer', bug: 'a remote change is merged with an edit of which nobody knows whether it arrived',
      replace: ['return !this.options.isAlone() || this.#unsure', 'return key === \'\' && this.#unsure'],
      tests: TAB_HISTORIES,
      simulated: true,
    },
    {
      id: 'page-before-answer-b', bug: 'without Web Locks nobody asks what the other tabs may have sent',
      replace: ['return !this.options.isAlone() || this.#unsure', 'return this.#unsure'],
      tests: ['test/unit/engine/tabs-without-locks.test.ts'],
    },
    {
      id: 'half-answered', bug: 'the first answer of a session counts for all that an earlier one may have sent',
      replace: ['if (!more) this.#unsure = false', 'this.#unsure = false'],
      tests: ['test/unit/engine/push-fate.test.ts'],
    },
  ]),
  {
    id: 'walk-forgets-pushes', bug: 'a rescan takes what a push reply brought meanwhile for missing',
    file: `${CORE}/push/note-answers.ts`,
    replace: ['if (walk && walk.sweep !== \'none\') await markPushed', 'if (!walk) await markPushed'],
    tests: WALKS,
  },
  ...inFile(`${CORE}/push/settle-push.ts`, TAB_HISTORIES, [
    {
      id: 'refused-elsewhere', bug: 'what overtook an edit is forgotten when the edit is acknowledged to one tab and refused to another',
      replace: ['refused.flatMap(({ answered, remote }) => remote ?', 'refused.flatMap(({ answered, remote }) => remote && !answered ?'],
    },
    {
      id: 'skewed-again', bug: 'after CLOCK_SKEW an edit is stamped by the same wrong clock again',
      replace: ['if (sorted.skewed) context.resetClock()', ''],
      tests: OUTBOX_TESTS,
    },
    {
      id: 'reply-time', bug: 'hybrid times that come with push replies are not taken into account',
      replace: ['for (const { change } of [...sorted.winners, ...sorted.overwrote]) context.hlc.receive(change.stamp.hlc)', ''],
      tests: ['test/unit/engine/pitfalls-read.test.ts'],
    },
    {
      id: 'given-up-taken', bug: 'a late word that an edit was taken, which was given up meanwhile, takes what was made of the record since out of the queue',
      replace: ['if (fate === \'remove\') view.removeUpTo', 'view.removeUpTo'],
    },
  ]),
  {
    id: 'mended-edit', bug: 'an edit that mends a refused one, and loses, never leaves the queue',
    file: `${CORE}/decide/decide-merge.ts`,
    replace: ['const isRefused = edit?.status === \'failed\'', 'const isRefused = here.failure !== undefined'],
    tests: ['test/unit/engine/mended-edits.test.ts'],
  },
  ...inFile(`${CORE}/queue/outbox-view.ts`, TAB_HISTORIES, [
    {
      id: 'refused-twice', bug: 'what overtook a refused edit is forgotten when a second tab has it refused, too',
      replace: ['{ ...failure, remote: newestBeside(failure.remote, known) }', 'known ? failure : { ...failure }'],
    },
    {
      id: 'given-up-refused', bug: 'a late word that an edit was refused, which was given up meanwhile, takes what was made of the record since out of the queue',
      replace: ['if (!this.holds(key, revision.opId)) return', ''],
    },
  ]),
  {
    id: 'create-below-delete', bug: 'a create loses to an older delete of the same key that it cannot have known',
    file: `${CORE}/decide/edits-meet.ts`,
    replace: ['return base === null && edit.op', 'return base !== null && edit.op'],
    tests: ['test/unit/simulation/fixed-histories.test.ts', 'test/unit/engine/older-deletes.test.ts'],
  },
  {
    id: 'page-before-answer-c', bug: 'nobody asks what the other tabs may have sent when Web Locks turn out not to work after the start',
    file: 'src/runtime/core/sync/life/leader.ts',
    replace: ['isAlone: () => this.#election?.isAlone === true', 'isAlone: (hasLocks => () => hasLocks)(env.locks !== null)'],
    tests: TAB_HISTORIES,
  },
  ...inFile('src/runtime/core/sync/tabs/leader-election.ts', TAB_HISTORIES, [
    {
      id: 'page-before-answer-d', bug: 'nobody asks what a frozen tab may have sent from which the lead was taken, and which sends on when it thaws',
      replace: ['this.options.env.locks !== null && this.#sending?.isGranted === true', 'this.options.env.locks !== null'],
    },
    {
      id: 'page-before-answer-e', bug: 'a tab that sends lets others take it for gone before its work has stopped, or while it is frozen',
      replace: ['await new Promise((resolve) => { signal.addEventListener(\'abort\', resolve) })', ''],
    },
    {
      id: 'page-before-answer-f', bug: 'a tab that took the lead from a frozen one takes itself for the only one that sends as soon as that one has stopped, whatever became of what it sent',
      replace: ['claim.isGranted = !isLate', 'claim.isGranted = true'],
      tests: ['test/unit/engine/tabs.test.ts'],
    },
  ]),
  ...inFile(`${CORE}/progress/lead-fence.ts`, THAWED, [
    {
      id: 'thawed-leader', bug: 'a leader that thaws judges changes that another tab\'s pushes decide, until it hears that it was deposed',
      replace: ['takeoversOf(stored) !== this.#takeovers) throw', 'takeoversOf(stored) < 0) throw'],
    },
    {
      id: 'thawed-leader-b', bug: 'a leader that thaws takes the lead for its own again when it reads the cursor',
      replace: ['this.#takeovers ??=', 'this.#takeovers ='],
    },
    {
      id: 'thawed-leader-c', bug: 'where every tab leads, one from which the lead was taken before stores nothing any more',
      replace: ['this.options.env.locks && takeoversOf', 'takeoversOf'],
    },
    {
      id: 'thawed-leader-d', bug: 'a tab that takes the lead by force forgets the cursor',
      replace: ['put({ ...stored, takeovers })', 'put({ ...NOWHERE, takeovers })'],
    },
  ]),
  {
    id: 'thawed-leader-j', bug: 'a tab that thaws after the database was deleted stops the one that leads for the new database, for good',
    file: 'src/runtime/core/sync/life/leader.ts',
    replace: ['taken === this.#name()', 'taken === taken'],
    tests: ['test/unit/simulation/thawed-leader.test.ts'],
  },
  {
    id: 'aside-for-terse', bug: 'a row that a reply leaves out, and that waits here for this very reply, is asked for again and again',
    file: `${CORE}/push/settle-push.ts`,
    replace: ['sorted.winners = await fillFromQuarantine(context, sorted.winners)', 'await fillFromQuarantine(context, sorted.winners)'],
    tests: ['test/unit/engine/quarantined-winner.test.ts'],
  },
  {
    id: 'aside-above-winner', bug: 'where every tab leads, an edit that lost to a revision this app cannot read waits for ever, although what replaced that revision can be read',
    file: `${CORE}/push/settle-winners.ts`,
    replace: ['record?.reason === \'unanswered\' && compareRevisions', 'record?.reason === \'schema\' && compareRevisions'],
    tests: ['test/unit/engine/quarantined-winner.test.ts'],
  },
  {
    id: 'thawed-leader-e', bug: 'a tab that takes the lead by force tells the database nothing of it',
    file: 'src/runtime/core/sync/tabs/leader-election.ts',
    replace: ['steal ? await this.options.onTaking(name) : undefined', 'undefined'],
    tests: THAWED,
  },
  ...inFile('src/runtime/core/sync/life/leader-work.ts', THAWED, [
    {
      id: 'thawed-leader-f', bug: 'a tab that was deposed stores nothing when it leads again',
      replace: ['this.#fence.begin(takeovers)', 'if (takeovers) this.#fence.begin(takeovers)'],
    },
    {
      id: 'thawed-leader-g', bug: 'a tab whose disk is full does not take the lead from a frozen one',
      replace: ['try { return await this.#fence.raise(isOurs) }', 'try { return await this.#fence.raise(isOurs).catch(() => new Promise(() => {})) }'],
    },
  ]),
  {
    id: 'thawed-leader-h', bug: 'a leader that thaws drops the edit of a row that became private as never sent, although another tab has sent it',
    file: `${CORE}/push/tidy-outbox.ts`,
    replace: ['if (batch.obsolete.length) await checkLead()', 'void checkLead'],
    tests: THAWED,
  },
  {
    id: 'thawed-leader-i', bug: 'a leader that thaws tells the app of an error when it finds out that another tab leads',
    file: `${CORE}/pull/subscription-manager.ts`,
    replace: ['if (!(error instanceof DeposedError)) {', 'if (error) {'],
    tests: THAWED,
  },
  ...inFile(`${CORE}/push/fresh-edits.ts`, ['test/unit/engine/fresh-edits.test.ts', 'test/unit/simulation/tab-histories.test.ts'], [
    {
      id: 'fresh-and-read', bug: 'an edit that commits while the outbox is read is sent twice, and the next one does not know it',
      replace: ['recordId > lastRecord)\n', 'recordId > 0)\n'],
    },
    {
      id: 'fresh-between', bug: 'an edit does not say that it knows those before it, which another tab may have sent',
      replace: ['known.ground.unheard = [...', 'void [...'],
      tests: ['test/unit/engine/fresh-edits.test.ts'],
    },
  ]),
  {
    id: 'stop-waits', bug: 'a stop waits for the answer of the push under way, which may never come',
    file: `${CORE}/environment/until-answered.ts`,
    replace: ['timers: clock, late, signal }', 'timers: clock, late }'],
    tests: LIFECYCLE,
  },
  {
    id: 'lost-wake', bug: 'coming online while a push fails is forgotten: the next waits for the back-off',
    file: `${CORE}/push/outbox-manager.ts`,
    replace: ['if (state.name === \'sending\') state.isWoken = true', ''],
    tests: WAKES,
  },
  {
    id: 'lost-wake-b', bug: 'coming online while a pull fails is forgotten: the next waits for the back-off',
    file: `${CORE}/pull/subscription-manager.ts`,
    replace: ['const waits = isOrdered || !this.#isWoken', 'const waits = true'],
    tests: WAKES,
  },
  {
    id: 'lost-reply', bug: 'a repeated op is not answered as it was: what it replaced is told to nobody',
    file: 'src/runtime/shared/sync/store/plan-push.ts',
    replace: ['if (earlier) return', 'if (earlier?.winner) return'],
    tests: FOLD_TESTS,
  },
  ...inFile('src/runtime/shared/sync/store/fold-push.ts', FOLD_TESTS, [
    {
      id: 'lost-reply-b', bug: 'an old request that arrives a second time makes the store forget what it answered since',
      replace: [' || !this.#applying.has(writer)', ''],
    },
    {
      id: 'lost-reply-c', bug: 'what an unheard edit replaced is not told with the next one',
      replace: ['const unheard = this.#unheard(op)', 'const unheard = this.#unheard({ ...op, base: undefined })'],
    },
    {
      id: 'lost-reply-d', bug: 'a repeated op is not told that its record was deleted since',
      replace: ['const winner = isDeleted ? stored : earlier.winner', 'const { winner } = earlier\n    void isDeleted'],
    },
    {
      id: 'lost-reply-deleted', bug: 'a repeated op that had lost is told what beat it then, and not that this was deleted since',
      replace: ['const winner = isDeleted ? stored : earlier.winner', 'const winner = isDeleted && !earlier.winner ? stored : earlier.winner'],
      tests: [...FOLD_TESTS, 'test/unit/simulation/overtaken-histories.test.ts'],
    },
    {
      id: 'lost-reply-e', bug: 'an op queued again after a restore is not told of a delete by the one who wrote both',
      replace: ['if (base === undefined || ![', 'if (!['],
    },
    {
      id: 'unheard-forgotten', bug: 'the store forgets with the next batch what an edit replaced whose answer was lost',
      replace: ['goesOn ? before : perhapsUnheard(before, key => this.#isSent(key))', 'goesOn ? before : new Map()'],
    },
  ]),
  {
    id: 'refused-successor', bug: 'what arrived beside a refused edit is forgotten when that one is given up, or tried again, and there is a newer one',
    file: 'src/runtime/core/sync/face/refused-edits.ts',
    replace: ['if (!remote || !await this.#isReached(remote)) return false', 'if (tableName) return false'],
    tests: ['test/unit/simulation/roles.test.ts'],
  },
  {
    id: 'aside-unheard', bug: 'an edit that another tab has set aside is found by no tab that could not hear of it',
    file: `${CORE}/queue/outbox-store.ts`,
    replace: ['if (isShorter || record.ops.some(({ aside }) => aside)) this.#index.update(record)', 'if (isShorter) this.#index.update(record)'],
    tests: TAB_HISTORIES,
  },
  {
    id: 'unheard-taken', bug: 'the store forgets with the next batch that it has taken an edit which waits aside',
    file: 'src/runtime/shared/sync/store/push-memory.ts',
    replace: ['new Map([...plain, ...replacing(memory, isSent)])', 'new Map([...plain.slice(0, 0), ...replacing(memory, isSent)])'],
    tests: [...FOLD_TESTS, 'test/unit/simulation/fixed-histories.test.ts'],
  },
  {
    id: 'aside-in-doubt', bug: 'the next tab takes an edit that waits aside for one that never arrived as soon as another is answered',
    file: `${CORE}/decide/decide-doubtful.ts`,
    replace: ['(isUnanswered || hasAside)', 'isUnanswered'],
    tests: ['test/unit/simulation/fixed-histories.test.ts'],
  },
  {
    id: 'aside-replaced', bug: 'our own push, coming back unanswered, takes the place of somebody\'s put that was set aside and that it had replaced',
    file: `${CORE}/merge/doubtful-changes.ts`,
    replace: ['if (replaced) met.push({ winner: decision.conflict, local: sideOf(remote), remote: replaced })', ''],
    tests: ['test/unit/simulation/private-rows.test.ts'],
  },
]
