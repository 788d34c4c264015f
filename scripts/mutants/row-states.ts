import type { Mutant } from './mutant.ts'

const SYNCED = ['test/unit/engine/when-synced.test.ts']
const FOLLOW = ['test/unit/engine/follow-edits.test.ts']
const CAUGHT_UP = ['test/unit/engine/when-caught-up.test.ts']
const ROWS = ['test/unit/engine/row-state.test.ts']
const WATCH = ['test/unit/engine/record-watch.test.ts']
const SENDING = ['test/unit/engine/sending-records.test.ts']
const COMPOSABLE = ['test/module/composables/use-row-state.test.ts']
const FACE = 'src/runtime/core/sync/face'
const TABS = 'src/runtime/core/sync/tabs'

/** What is told of single rows, and waiting for the store: useRowState, whenSynced, whenCaughtUp. */
export const ROW_STATES: readonly Mutant[] = [
  {
    id: 'synced-a', bug: 'an edit that gets another revision counts as stored',
    file: `${FACE}/follow-edits.ts`, replace: [' || record.id === before.recordId', ''], tests: FOLLOW,
  },
  {
    id: 'synced-b', bug: 'an edit that is made after the call delays it',
    file: `${FACE}/follow-edits.ts`, replace: ['if (base && !isAboveBase(before, base)) return', 'if (base === before) return'], tests: [...FOLLOW, ...SYNCED],
  },
  {
    id: 'synced-c', bug: 'an edit counts as stored when a later one has taken its place',
    file: `${FACE}/follow-edits.ts`, replace: ['base && !isAboveBase(before, base)', 'edits.length'], tests: FOLLOW,
  },
  {
    id: 'synced-d', bug: 'a record with a refused edit counts as on its way',
    file: `${FACE}/follow-edits.ts`, replace: ['edits.find(({ record }) => record.status === \'failed\') ?? newestOf(edits)', 'newestOf(edits)'], tests: FOLLOW,
  },
  {
    id: 'synced-e', bug: 'a wait goes on after a stop',
    file: 'src/runtime/core/sync/life/sync-supervisor.ts', replace: ['    this.#endWaits(new SyncError(\'STOPPED\', \'sync was stopped\'))\n', ''], tests: [...SYNCED, ...CAUGHT_UP],
  },
  {
    id: 'synced-f', bug: 'the edits of a deleted database count as stored',
    file: `${FACE}/synced-waits.ts`, replace: ['if (incarnation !== began) throw', 'if (incarnation < began) throw'], tests: FOLLOW,
  },
  {
    id: 'synced-g', bug: 'a wait inside a transaction never ends',
    file: `${FACE}/outside-transaction.ts`, replace: ['if (Dexie.currentTransaction) throw', 'if (!Dexie) throw'], tests: [...SYNCED, ...COMPOSABLE],
  },
  {
    id: 'synced-h', bug: 'an answer that another tab has stored is not heard of',
    file: `${FACE}/synced-waits.ts`, replace: ['        watch.look()\n', ''], tests: FOLLOW,
  },
  {
    id: 'synced-i', bug: 'an edit is waited for although sync does not run',
    file: `${FACE}/synced-waits.ts`, replace: ['if (!this.options.isRunning()) throw', 'if (!tableName) throw'], tests: SYNCED,
  },
  {
    id: 'synced-j', bug: 'a start that is under way counts as none',
    file: 'src/runtime/core/sync/life/sync-supervisor.ts', replace: ['    await this.#lifecycle\n    if (this.#session.is(\'closed\')) throw closedError()\n    //', '    if (this.#session.is(\'closed\')) throw closedError()\n    //'], tests: SYNCED,
  },
  {
    id: 'caught-up-a', bug: 'a pull that began before the call counts',
    file: 'src/runtime/core/sync/pull/catch-up.ts', replace: ['if (turn <= waiting.after)', 'if (turn < waiting.after)'], tests: CAUGHT_UP,
  },
  {
    id: 'caught-up-b', bug: 'the first page counts as all that the store has',
    file: 'src/runtime/core/sync/pull/catch-up.ts', replace: ['if (!page.hasMore) return this.#isLevel(turn)', 'this.#isLevel(turn)\n      if (!page.hasMore) return'], tests: CAUGHT_UP,
  },
  {
    id: 'caught-up-c', bug: 'nobody pulls while the stream is quiet',
    file: 'src/runtime/core/sync/pull/subscription-manager.ts', replace: ['    this.pullSoon()\n    if (isUrgent) this.wake()\n', ''], tests: CAUGHT_UP,
  },
  {
    id: 'caught-up-d', bug: 'a leading tab that goes leaves the other tabs waiting',
    file: 'src/runtime/core/sync/pull/catch-up.ts', replace: ['reject(signal.reason as Error)', ''], tests: CAUGHT_UP,
  },
  {
    id: 'caught-up-e', bug: 'the leading tab is asked once, whether or not it is there',
    file: `${TABS}/caught-up-calls.ts`, replace: ['clock.setTimeout(onAbort, LEADER_CHECK_MS)', 'clock.setTimeout(() => {}, LEADER_CHECK_MS)'], tests: CAUGHT_UP,
  },
  {
    id: 'caught-up-f', bug: 'a tab that takes the lead goes on waiting for another',
    file: 'src/runtime/core/sync/life/leader.ts', replace: ['    this.options.parts()?.caughtUp.leadChanged()\n', ''], tests: CAUGHT_UP,
  },
  {
    id: 'caught-up-g', bug: 'each time a tab asks again, the leading tab pulls once more',
    file: `${TABS}/caught-up-calls.ts`, replace: [' || this.#working.has(id)', ''], tests: CAUGHT_UP,
  },
  {
    id: 'row-state-a', bug: 'a row that is being sent is shown as waiting just before it is shown as sent',
    file: `${FACE}/record-watch.ts`, replace: ['isSending: inPush.has(key)', 'isSending: sending().has(key)'], tests: WATCH,
  },
  {
    id: 'row-state-b', bug: 'a delete that the store does not know yet counts as synced',
    file: `${FACE}/decide-row-state.ts`, replace: ['tombstone?.syncedAt !== undefined && !tombstone.isGivenUp', 'tombstone && !tombstone.isGivenUp'], tests: FOLLOW,
  },
  {
    id: 'row-state-c', bug: 'a finished draft is shown as held',
    file: `${FACE}/decide-row-state.ts`, replace: ['  const newest = newestOf(edits)\n', '  const newest = edits[0]\n'], tests: FOLLOW,
  },
  {
    id: 'row-state-d', bug: 'a private row counts as synced',
    file: `${FACE}/row-states.ts`, replace: ['isOnlyHere(row) || isPrivate(context, context.schema.tables[tableName]!, row)', '!isPrivate && isOnlyHere(row)'], tests: ROWS,
  },
  {
    id: 'row-state-e', bug: 'a row is shown as being sent by a tab that is gone',
    file: `${TABS}/sending-records.ts`, replace: ['    this.#others.clear()\n    this.#tell()\n', '    this.#tell()\n'], tests: ROWS,
  },
  {
    id: 'row-state-f', bug: 'every push is told to all tabs, although no tab wants to know',
    file: `${TABS}/sending-records.ts`, replace: ['if (!this.#isWatchedElsewhere) return\n', ''], tests: SENDING,
  },
  {
    id: 'row-state-g', bug: 'without Web Locks the end of one tab\'s push ends those of all',
    file: `${TABS}/sending-records.ts`, replace: ['if (this.options.env.locks) this.#others.clear()', 'this.#others.clear()'], tests: SENDING,
  },
  {
    id: 'row-state-h', bug: 'each row on the screen is read in a transaction of its own',
    file: `${FACE}/record-watch.ts`, replace: ['    await Promise.resolve()\n', ''], tests: ROWS,
  },
  {
    id: 'row-state-i', bug: 'a listener that throws keeps the others from hearing',
    file: `${FACE}/row-states.ts`, replace: ['try { listener(next) }\n        catch (error) { log.error(\'A listener to the state of a row threw\', error) }', 'void log\n        listener(next)'], tests: ROWS,
  },
  {
    id: 'row-state-j', bug: 'the database is listened to for ever',
    file: `${FACE}/record-watch.ts`, replace: ['    Dexie.on.storagemutated.unsubscribe(this.#onMutated)\n', ''], tests: WATCH,
  },
  {
    id: 'row-state-k', bug: 'what was known of one row is shown for another',
    file: 'src/runtime/composables/use-row-state.ts', replace: ['    Object.assign(state, row?.get() ?? ABSENT)\n', ''], tests: COMPOSABLE,
  },
  {
    id: 'row-state-l', bug: 'a state is shown that the server has not rendered',
    file: 'src/runtime/composables/use-row-state.ts', replace: ['client ? afterHydration<RowState>(ABSENT, state) : ABSENT', 'client ? state : afterHydration<RowState>(ABSENT, state)'], tests: COMPOSABLE,
  },
  {
    id: 'row-state-m', bug: 'a component that is gone goes on reading its row',
    file: 'src/runtime/composables/use-row-state.ts', replace: ['  if (getCurrentScope()) onScopeDispose(() => stop())\n', '  void [getCurrentScope, onScopeDispose]\n'], tests: COMPOSABLE,
  },
]
