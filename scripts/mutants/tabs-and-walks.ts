import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const TAB_HISTORIES = ['test/unit/simulation/tab-histories.test.ts']
const WALKS = ['test/unit/engine/overtaken-walks.test.ts']
const LOCKLESS = ['test/unit/engine/tabs-without-locks.test.ts']
const RESCANS = ['test/unit/engine/rescan-resumes.test.ts']
const WINNERS = ['test/unit/engine/quarantined-winner.test.ts']
const PURGED = ['test/unit/engine/purged-deletes.test.ts']
const DISCARDS = ['test/unit/engine/discarded-edits.test.ts']
const REFUSED_HISTORIES = ['test/unit/simulation/refused-histories.test.ts']
const CONTACT_TESTS = ['test/unit/engine/pitfalls-contact.test.ts']

/** Bugs of our own that the simulation or a review found: they stay found. */
export const TABS_AND_WALKS: readonly Mutant[] = [
  {
    id: 'tab-gap', bug: 'an edit upon another tab\'s unsent one is sent with that one as its base',
    file: `${CORE}/push/fresh-edits.ts`,
    replace: ['if (!this.#followsOn(ops)) this.leaveToOutbox()', 'this.#followsOn(ops)'],
    tests: TAB_HISTORIES,
  },
  {
    id: 'answer-before-walk', bug: 'an answer that is older than another tab\'s walk is believed: what was deleted between the two stays',
    file: `${CORE}/push/note-answers.ts`,
    replace: ['lowest <= walkedTo && isWalkedSince?.(walks)', 'false'],
    tests: WALKS,
  },
  ...inFile(`${CORE}/pull/change-applier.ts`, TAB_HISTORIES, [
    {
      id: 'frozen-page', bug: 'a leader that thaws after a month applies what it had in its hands',
      replace: ['upTo !== undefined && upTo <= stored.cursor', 'upTo === -1'],
      also: [{ file: `${CORE}/environment/fresh-reply.ts`, replace: ['if (clock.now() - askedAt > REPLY_MAX_AGE_MS) throw', 'if (clock.now() < 0) throw'] }, { file: `${CORE}/pull/sleep-watch.ts`, replace: ['if (now - this.#awakeAt > ASLEEP_MS) return true', 'if (now - this.#awakeAt > Infinity) return true'] }],
    },
    {
      id: 'frozen-page-b', bug: 'a tab that thaws with several pages on their way applies all but the first, though another tab has gone on',
      replace: ['upTo !== undefined && upTo <= stored.cursor', 'upTo !== undefined && upTo <= stored.cursor && stored.cursor > cursors.state.cursor'],
      also: [{ file: `${CORE}/pull/sleep-watch.ts`, replace: ['if (now - this.#awakeAt > ASLEEP_MS) return true', 'if (now - this.#awakeAt > Infinity) return true'] }],
    },
    {
      id: 'rescan-forgets', bug: 'after a reload a rescan takes for missing what it saw before',
      replace: ['else if (state.sweep !== \'none\') await markSeen(db, env, changes)', ''],
      tests: RESCANS,
    },
    {
      id: 'set-aside-echo', bug: 'an own edit that was set aside for a private row is taken for an echo when the row is gone',
      replace: ['walk || wereSetAside ?', 'walk ?'],
      tests: REFUSED_HISTORIES,
    },
    {
      id: 'lost-wish', bug: 'the wish to have a table fetched again is lost when a walk is under way',
      replace: ['return await db.sync_state.bulkDelete([\'bootstrap\', \'pushed\'])', 'return await db.sync_state.bulkDelete([\'bootstrap\', \'pushed\', \'refetch\'])'],
      tests: DISCARDS,
    },
    {
      id: 'marks-for-others', bug: 'without Web Locks, a walk sweeps away what another tab has applied meanwhile',
      replace: ['wereSetAside || this.#markForOthers(changes)', 'null'],
    },
  ]),
  ...inFile(`${CORE}/pull/live-subscription.ts`, ['test/unit/engine/pitfalls-read.test.ts'], [
    {
      id: 'pull-again', bug: 'a pull that is asked for while an older one is under way is not made',
      replace: ['if (asksAgain) this.#pullNow()', ''],
    },
    {
      id: 'slept-over', bug: 'pages of a stream that the page slept over for a month are applied',
      replace: ['if (!this.#sleepWatch.hasSlept()) return false', 'if (!this.#sleepWatch.hasSlept() || this.#abort) return false'],
      tests: ['test/unit/engine/long-subscriptions.test.ts'],
    },
    {
      id: 'late-arrival', bug: 'an edit that was given up and arrives after all is left out of the stream, as the device\'s own',
      replace: ['hearsItself ? undefined : context.hlc.node()', 'context.hlc.node()'],
      tests: DISCARDS,
    },
  ]),
  ...inFile(`${CORE}/pull/rescan-sweep.ts`, REFUSED_HISTORIES, [
    {
      id: 'remote-gone', bug: 'what stood beside a refused edit, and the store has no more, comes back from here',
      replace: ['record.failure!.isRemoteGone = true', 'record.failure!.isRemoteGone = false'],
    },
    {
      id: 'one-epoch', bug: 'a table that is back after a restore is swept: the other tables know of the restore already',
      replace: ['isOther(epochOf(stored, name), state.epoch)', 'isOther(stored.epoch, state.epoch)'],
      tests: ['test/unit/simulation/schema-histories.test.ts'],
    },
    {
      id: 'restore-sweeps', bug: 'after a restore rows that the store has lost are removed here, too',
      replace: ['state.sweep === \'requeue\' || isOther(epochOf(stored, name), state.epoch)', 'name === \'\''],
      tests: ['test/unit/simulation/fixed-histories.test.ts', 'test/unit/engine/catch-up.test.ts'],
    },
  ]),
  ...inFile(`${CORE}/pull/catch-up.ts`, ['test/unit/simulation/schema-histories.test.ts'], [
    {
      id: 'rescan-starts-over', bug: 'a rescan starts over after a reload',
      replace: ['{ ...open, tables: open.tables.filter(', '{ ...open, target: 0, position: 0, direction: \'desc\', pulled: 0, tables: open.tables.filter('],
      tests: RESCANS,
    },
    {
      id: 'rescan-loop', bug: 'a store that asks for one rescan after the other gets them without a pause',
      replace: ['if (this.#rescans.length >= RESCANS_IN_A_ROW)', 'if (this.#rescans.length < 0)'],
      tests: ['test/unit/engine/catch-up.test.ts', 'test/unit/engine/read-path.test.ts', 'test/unit/engine/pitfalls-contact.test.ts'],
    },
    {
      id: 'before-restore', bug: 'a restore that brought no other epoch is forgotten for tables that this version of the app lacks',
      replace: ['sweep === \'requeue\' ? Object.keys', 'sweep === \'requeue\' && !tables.length ? Object.keys'],
    },
    {
      id: 'passed-by-older', bug: 'what an older tab has passed while another one fetched a table that it lacks is read by nobody',
      replace: ['cursor: Math.min(before.cursor, Math.max(target, began)),', 'cursor: Math.max(before.cursor, Math.min(target, began)),'],
    },
  ]),
  ...inFile(`${CORE}/push/settle-winners.ts`, WINNERS, [
    {
      id: 'unread-winner-b', bug: 'an edit that lost to a revision this app cannot read counts as settled, and is sent four times a second for ever',
      replace: ['if (decideLoser(', 'outcome.lost.push(answered)\n    if (decideLoser('],
    },
  ]),
  ...inFile(`${CORE}/push/settle-push.ts`, WINNERS, [
    {
      id: 'unread-winner', bug: 'an edit that lost to a revision this app cannot read is pushed in a loop',
      replace: ['sortLosers(sorted, view, left)', 'void sortLosers'],
    },
  ]),
  {
    id: 'old-push', bug: 'the winner over an old edit meets the edit upon it, of which nobody knows whether it arrived',
    file: `${CORE}/decide/decide-answer.ts`,
    replace: ['if (hasSuccessor) return \'leave\'', ''],
    tests: ['test/unit/engine/decisions/decide-answer.test.ts'],
  },
  ...inFile(`${CORE}/face/refused-edits.ts`, REFUSED_HISTORIES, [
    {
      id: 'discard', bug: 'a discarded delete leaves its tombstone above the store\'s row',
      replace: ['else await db.tombstones.delete([tableName, pk])', ''],
      tests: DISCARDS,
    },
    {
      id: 'discard-all', bug: 'with a refused delete goes the newer one of a row that became private again',
      replace: ['view.supersede(key, edit)', 'view.removeAll(key)'],
    },
  ]),
  {
    id: 'copy-rises', bug: 'a row queued again after a restore, refused and retried, rises above what was made upon it',
    file: `${CORE}/decide/decide-refused.ts`,
    replace: ['if (isHigher && (edit.requeued || isUpgradedRevision(edit)))', 'if (isHigher && edit.opId === \'\')'],
    tests: REFUSED_HISTORIES,
  },
  {
    id: 'long-transaction', bug: 'a transaction over many edits that need no request to the database is lost half-way',
    file: `${CORE}/records/in-turn.ts`,
    replace: ['if (done) await done', 'await done'],
    tests: ['test/unit/engine/long-transactions.test.ts'],
  },
  {
    id: 'gap-sweeps', bug: 'a walk sweeps although the store no longer has the history since it began: rows that have moved vanish',
    file: `${CORE}/pull/read-what-moved.ts`,
    replace: ['if (page.requiresRescan) return \'history gap\'', 'if (page.requiresRescan) return undefined'],
    tests: ['test/unit/simulation/consistency/walks.test.ts'],
  },
  {
    id: 'gap-is-restore', bug: 'a walk that has lost its place counts as one over a restored store: what was deleted elsewhere is sent again',
    file: `${CORE}/pull/bootstrap.ts`,
    replace: ['if (state.position > 0) return \'history gap\'', 'if (state.position > 0) return \'epoch\''],
    tests: ['test/unit/engine/walk-answers.test.ts'],
  },
  {
    id: 'purged-delete', bug: 'a device that was away never sees a record that was made anew after the store had purged its delete',
    file: `${CORE}/decide/decide-merge.ts`,
    replace: ['const isMadeSince = !shared && here.isPurged === true', 'const isMadeSince = !shared && here.isPurged === undefined'],
    tests: PURGED,
  },
  {
    id: 'purged-delete-d', bug: 'beside a private row, a device forgets a record that was made anew after the store had purged its delete',
    file: `${CORE}/decide/decide-merge.ts`,
    replace: ['const isMadeSince = !shared && here.isPurged', 'const isMadeSince = !row && here.isPurged'],
    tests: ['test/unit/engine/decisions/decide-merge.test.ts'],
  },
  {
    id: 'private-is-older', bug: 'a delete that a restored store still has counts as newer than a row that became private since',
    file: `${CORE}/decide/decide-merge.ts`,
    replace: ['const own = row?.isOnlyHere ? undefined : revisionOf(row)', 'const own = undefined as Revision | undefined'],
    tests: ['test/unit/engine/decisions/decide-merge.test.ts'],
  },
  {
    id: 'purged-delete-b', bug: 'a delete that a restored store has lost counts as purged',
    file: `${CORE}/pull/change-applier.ts`,
    replace: ['!wereSetAside && !mayBeRestored(stored, walk, cursor)', '!wereSetAside'],
    tests: PURGED,
  },
  {
    id: 'purged-delete-c', bug: 'a delete that the store has had for a few days only counts as purged',
    file: `${CORE}/progress/overdue-tombstone.ts`,
    replace: ['return deletedAt < now - RETENTION_MS && syncedAt !== undefined && syncedAt < now - RETENTION_MS', 'return deletedAt < now && syncedAt !== undefined'],
    tests: PURGED,
  },
  {
    id: 'raised-create', bug: 'a create that was raised above another device\'s row, refused again and discarded, leaves nothing of that row',
    file: `${CORE}/decide/decide-refused.ts`,
    replace: ['(!remote && !isFirst(edit))', '(!remote && edit.base !== null)'],
    tests: DISCARDS,
  },
  {
    id: 'hidden-page', bug: 'a page that is left keeps what waits for its next try to itself',
    file: `${CORE}/life/sync-supervisor.ts`,
    replace: ['env.onHide(() => this.leader.hide())', 'env.onHide(() => {})'],
    tests: CONTACT_TESTS,
  },
  {
    id: 'late-answer', bug: 'an edit that was given up in one tab, and acknowledged to another, is taken for an echo',
    file: `${CORE}/push/batch-pusher.ts`,
    replace: ['if (!outcome.unawaited.includes(answered)) echoes', 'echoes'],
    tests: DISCARDS,
  },
  ...inFile(`${CORE}/progress/cursor-manager.ts`, WALKS, [
    {
      id: 'two-walks', bug: 'a walk goes on although another tab has begun one, and removes what only that one has seen',
      replace: ['if (walk && !isAt(await this.bootstrap(), walk)) throw new OvertakenError()', ''],
    },
    {
      id: 'two-readers', bug: 'what one tab saw of the store is swept by together with what another saw later',
      replace: ['stored?.walkId === walkId && stored?.position === position && stored?.target === target && stored?.pulled === pulled', 'stored?.walkId === walkId'],
      tests: LOCKLESS,
    },
    {
      id: 'restored-elsewhere', bug: 'a restore is forgotten for a table that was not fetched yet: what the store has lost of it is swept away here',
      replace: ['(wasRestored ? BEFORE_RESTORE : epoch)', '(wasRestored && !tableName ? BEFORE_RESTORE : epoch)'],
      tests: ['test/unit/simulation/schema-histories.test.ts'],
    },
  ]),
  ...inFile(`${CORE}/pull/bootstrap.ts`, WALKS, [
    {
      id: 'two-stores', bug: 'a walk goes on over the restored store, and removes what that has lost',
      replace: ['if (page.restored || (state.epoch !== undefined && page.epoch !== undefined && page.epoch !== state.epoch)) return \'epoch\'', ''],
      also: [
        { replace: ['if (page.requiresRescan) {', 'if (page.requiresRescan && state.position < 0) {'] },
        { file: `${CORE}/pull/read-what-moved.ts`, replace: ['if (page.requiresRescan) return \'history gap\'', 'if (page.requiresRescan) return undefined'] },
        { file: `${CORE}/pull/read-what-moved.ts`, replace: ['if (page.restored || isOther || (page.latestVersion !== undefined && page.latestVersion < cursor)) return \'epoch\'', 'void isOther'] },
      ],
    },
    {
      id: 'nameless-restore', bug: 'a store that goes back without naming an epoch is taken for one that has forgotten old deletes',
      replace: ['latestVersion !== undefined && latestVersion < cursor', 'latestVersion === -1'],
      also: [{ file: `${CORE}/pull/catch-up.ts`, replace: ['page.latestVersion < cursor)\n', 'page.latestVersion < 0)\n'] }],
    },
    {
      id: 'place-told-late', bug: 'a new device tells the store where it stands only beside its second request',
      replace: ['if (isFirst && state.target > 0) void tellPlace(context, state.target, signal)\n    next = page.hasMore ? fetchPage(context, signal, state, limit) : null', 'next = page.hasMore ? fetchPage(context, signal, state, limit) : null\n    if (isFirst && state.target > 0) void tellPlace(context, state.target, signal)'],
      tests: ['test/unit/engine/read-path.test.ts'],
    },
  ]),
]
