import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const SCHEMA_HISTORIES = ['test/unit/simulation/schema-histories.test.ts']
const LIFECYCLE = ['test/unit/simulation/lifecycle.test.ts']
const HISTORIES = ['test/unit/simulation/fixed-histories.test.ts']
const ROLES = ['test/unit/simulation/roles.test.ts']

/** Bugs of our own: databases that change under an engine, starts and stops, breakers, stores that make what nobody asked for. */
export const DATABASES_AND_LIFE: readonly Mutant[] = [
  {
    id: 'dropped-table', bug: 'rows and unsent edits of a table that the app drops are deleted with it',
    file: `${CORE}/database/keep-dropped-tables.ts`,
    replace: ['name => name.startsWith(DEXIE_PREFIX) ? remove(name) : undefined', 'name => name.startsWith(DEXIE_PREFIX) ? undefined : remove(name)'],
    tests: SCHEMA_HISTORIES,
  },
  {
    id: 'old-tab-leads', bug: 'an old tab keeps the lead from one with a newer schema',
    file: `${CORE}/life/leader.ts`,
    replace: ['if (this.isHere && !(message.schemaVersion > schema.version)) this', 'if (this.isHere) this'],
    tests: SCHEMA_HISTORIES,
  },
  {
    id: 'newer-database', bug: 'a running engine writes to a database that a newer one has changed',
    file: `${CORE}/capture/hook-bridge.ts`,
    replace: ['mode === \'readwrite\' ? this.options.databaseBlock() : null', 'null as SyncError | null'],
    tests: SCHEMA_HISTORIES,
  },
  {
    id: 'newer-database-b', bug: 'an engine whose database a newer one has changed keeps the lead and says nothing',
    file: `${CORE}/life/local-store.ts`,
    replace: ['if (block) this.options.onNewerFormat(block)', 'if (block) void block'],
    tests: SCHEMA_HISTORIES,
  },
  {
    id: 'failed-open', bug: 'a database that the browser closes while it is being opened again stays closed',
    file: `${CORE}/database/forget-failed-opens.ts`,
    replace: ['if (error.name !== \'DatabaseClosedError\') db.close({ disableAutoOpen: false })', 'void error'],
    tests: ROLES,
  },
  {
    id: 'timer-left', bug: 'a stop leaves the counter\'s timer behind',
    file: `${CORE}/face/queue-counter.ts`,
    replace: ['this.#endPause?.()', 'void this.#endPause'],
    tests: LIFECYCLE,
  },
  {
    id: 'start-after-close', bug: 'a start that comes while an engine closes opens its database again',
    file: `${CORE}/life/sync-supervisor.ts`,
    replace: ['        this.#session.go(\'close\', {})\n', ''],
    tests: ['test/unit/engine/lifecycle.test.ts'],
  },
  {
    id: 'timer-left-b', bug: 'a round of GC that ends after a stop starts the next',
    file: `${CORE}/life/gc-manager.ts`,
    replace: ['if (this.#timer === timer) this.#schedule(CLEAR_INTERVAL_MS)', 'this.#schedule(CLEAR_INTERVAL_MS)'],
    tests: LIFECYCLE,
  },
  {
    id: 'late-page', bug: 'a page of a subscription that is over moves the cursor of the next one',
    file: `${CORE}/pull/live-subscription.ts`,
    replace: ['    if (signal.aborted) return\n    const { epoch }', '    const { epoch }'],
    also: [{ file: `${CORE}/pull/live-pages.ts`, replace: ['if (!this.options.signal.aborted) await this.#take(page)', 'await this.#take(page)'] }],
    tests: ['test/unit/engine/pitfalls-read.test.ts'],
  },
  {
    id: 'silence', bug: 'a network that is away opens the circuit breaker',
    file: 'src/runtime/shared/sync/protocol/retry-policy.ts',
    replace: ['NETWORK_ERROR: { retryable: true, op: \'retry\', batch: \'wait\', store: \'unknown\'', 'NETWORK_ERROR: { retryable: true, op: \'retry\', batch: \'wait\', store: \'failing\''],
    tests: ['test/unit/engine/circuit-breaker.test.ts'],
  },
  {
    id: 'barred', bug: 'who is no member any more goes on asking',
    file: `${CORE}/pull/subscription-manager.ts`,
    replace: ['isBarred(error) ? null : Math.max(', 'Math.max('],
    tests: ROLES,
  },
  {
    id: 'barred-b', bug: 'edits of who is no member any more are pushed for ever',
    file: 'src/runtime/shared/sync/protocol/retry-policy.ts',
    replace: ['if (isBarred(error)) return \'refused\'', ''],
    tests: ROLES,
  },
  {
    id: 'refused-batch', bug: 'SQLite makes a workspace for a batch that is refused whole, and names an erased one again',
    file: 'server/lib/backends/sqlite/sqlite.ts',
    replace: ['if (fold.writes.length + fold.remembered.size === 0) return outcome', ''],
    tests: ['test/unit/server/sqlite.test.ts'],
  },
  {
    id: 'symbol-key', bug: 'keys that are no text are left out of what is sent, without a word',
    file: 'src/runtime/shared/sync/rows/encode-row.ts',
    replace: ['if (Object.getOwnPropertySymbols(value).length) throw', 'if (value === null) throw'],
    tests: ['test/unit/shared/wire-values.test.ts'],
  },
  {
    id: 'clock-set-back', bug: 'a clock that is set back keeps the circuit breaker open for as long',
    file: `${CORE}/transport/circuit-breaker.ts`,
    replace: ['this.#openUntil = Math.min(this.#openUntil, this.now() + BREAKER_OPEN_MS)', ''],
    tests: HISTORIES,
  },
  {
    id: 'silent-tab', bug: 'what a tab wrote while its engine stood still waits until somebody writes again',
    file: `${CORE}/life/leader.ts`,
    replace: ['this.tell({ type: \'outbox\', now: false })\n    this.tell({ type: \'look-again\' })', 'this.tell({ type: \'look-again\' })'],
    also: [{ file: `${CORE}/tabs/tab-channel.ts`, replace: ['this.#transport ?? this.#connect()', 'this.#transport'] }],
    tests: HISTORIES,
  },
  {
    id: 'local-gc', bug: 'GC on a device forgets deletes that the store does not have yet',
    file: `${CORE}/life/gc-manager.ts`,
    replace: ['syncedAt !== undefined && syncedAt < now - RETENTION_MS', '(syncedAt ?? 0) < now - RETENTION_MS'],
    tests: ['test/unit/simulation/kept-tombstones.test.ts'],
  },
  {
    id: 'local-gc-b', bug: 'GC on a device forgets deletes while everything is compared with a restored store',
    file: `${CORE}/life/gc-manager.ts`,
    replace: ['await db.sync_state.get(\'bootstrap\') ? 0 : await', 'await'],
    tests: ['test/unit/engine/gc-manager.test.ts'],
  },
  {
    id: 'local-gc-c', bug: 'the answer to an earlier delete marks the tombstone of a later one as synced, and GC forgets it while it waits',
    file: `${CORE}/push/note-answers.ts`,
    replace: ['tombstone?.op_id === op.stamp.opId ?', 'tombstone ?'],
    tests: ['test/unit/simulation/kept-tombstones.test.ts'],
  },
  {
    id: 'local-gc-d', bug: 'a delete that is queued again after a restore stays marked as synced, and GC forgets it while it waits',
    file: `${CORE}/pull/rescan-sweep.ts`,
    replace: ['await db.tombstones.bulkPut(lost.map', 'void (lost.map'],
    tests: ['test/unit/simulation/kept-tombstones.test.ts'],
  },
  {
    id: 'rescan-dropped', bug: 'a rescan that fails is not asked for again',
    file: `${CORE}/pull/subscription-manager.ts`,
    replace: ['this.#rescanReason ??= reason', 'void reason'],
    tests: ['test/unit/engine/rescan-resumes.test.ts'],
  },
  {
    id: 'half-flush', bug: 'a flush after an outage leaves the read side waiting',
    file: `${CORE}/life/leader.ts`,
    replace: ['    this.#work?.subscription.wake()\n    if (leading) await Promise', '    if (leading) await Promise'],
    tests: LIFECYCLE,
  },
  ...inFile(`${CORE}/life/leader-code.ts`, ['test/unit/engine/leader-code.test.ts'], [
    { id: 'leader-code-a', bug: 'the code of the leading tab is not tried again when it could not be loaded', replace: ['this.#timer = env.clock.setTimeout(() => this.wake(), backOff(\'push\', ++this.#failures, env.random))', 'void backOff'] },
    { id: 'leader-code-b', bug: 'an engine does not start before the code of the leading tab is there', replace: ['{ ms: WAIT_MS,', '{ ms: 1_000 * WAIT_MS,'] },
    { id: 'leader-code-c', bug: 'code that comes after a stop makes a stopped tab try again for ever', replace: ['    if (this.#isWanted) onLoaded()', '    onLoaded()'], also: [{ file: `${CORE}/life/sync-supervisor.ts`, replace: ['    if (!this.isRunning) return\n    await this.leader.equip()\n    if (this.#session.is(\'running\')) ', '    await this.leader.equip()\n    '] }] },
  ]),
  {
    id: 'leader-code-d', bug: 'code that comes late is not used',
    file: `${CORE}/life/sync-supervisor.ts`,
    replace: ['    await this.leader.equip()\n    if (this.#session.is(\'running\')) this.leader.stand()', '    await this.leader.equip()'],
    tests: ['test/unit/engine/leader-code.test.ts'],
  },
  {
    id: 'leader-code-e', bug: 'a tab shows that its code does not come, although another tab syncs',
    file: `${CORE}/life/leader.ts`,
    replace: ['if (await this.#tabs.leaderAnswers() || this.#work) return', 'if (this.#work) return'],
    tests: ['test/unit/engine/leader-code.test.ts'],
  },
  {
    id: 'alone', bug: 'without Web Locks nobody sends what a closed tab has left',
    file: `${CORE}/life/leader.ts`,
    replace: ['onAlone: () => work.outbox.wake(false)', 'onAlone: () => {}'],
    tests: ['test/unit/simulation/database-histories.test.ts'],
  },
  {
    id: 'control-key', bug: 'a primary key may hold the control characters above ASCII',
    file: 'src/runtime/shared/sync/protocol/primary-key.ts',
    replace: ['/\\p{Cc}/u', '/[\\0-\\x1F]/'],
    tests: ['test/unit/server/hostile.test.ts'],
  },
]
