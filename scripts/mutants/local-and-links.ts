import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const LINKS = ['test/unit/engine/slow-links.test.ts']
const APP = ['test/unit/app/sync-client.test.ts']
const OVER = ['test/unit/engine/what-is-over.test.ts']
const CLOCKS = ['test/unit/engine/wrong-clocks.test.ts']
const ADOPT = ['test/unit/app/adopt-local-data.test.ts']
const LOCAL = ['test/unit/engine/local-database.test.ts']

/** Bugs of our own: rows of a database that syncs nothing, links that carry little, and what keeps a page waiting. */
export const LOCAL_AND_LINKS: readonly Mutant[] = [
  {
    id: 'local-rows-a', bug: 'a local row that was written while it moved is removed',
    file: `${CORE}/database/move-local-rows.ts`,
    replace: ['now[index] !== undefined && isSame(table, now[index], hash)', 'now[index] !== undefined && hash.length > 0'],
    tests: LOCAL,
  },
  {
    id: 'local-rows-b', bug: 'a move that is made again writes what had arrived over newer edits',
    file: `${CORE}/database/move-local-rows.ts`,
    replace: ['stored.get(noteKey(name, key)) !== hash', 'stored.get(name) !== hash'],
    tests: LOCAL,
  },
  {
    id: 'local-rows-c', bug: 'what has moved once does not move again',
    file: `${CORE}/database/move-local-rows.ts`,
    replace: ['    for (const { key } of rows) stored.delete(noteKey(name, key))\n', ''],
    also: [{ replace: ['  await to.sync_state.delete(\'adopted\')\n', ''] }],
    tests: LOCAL,
  },
  {
    id: 'local-rows-d', bug: 'one local row that is refused keeps its neighbours from moving',
    file: `${CORE}/database/move-local-rows.ts`,
    replace: ['else if (!isAboutRow(error)) throw error', 'else if (rows.length > 1) throw error'],
    also: [{ replace: ['  if (!isAboutRow(error)) throw error\n  refused.set', '  if (row !== error) throw error\n  refused.set'] }],
    tests: LOCAL,
  },
  {
    id: 'local-rows-e', bug: 'a page whose sync is off stores whatever it is given',
    file: `${CORE}/life/local-database.ts`,
    replace: ['  installPlainWrites(db, options.schema)\n', ''],
    tests: LOCAL,
  },
  {
    id: 'local-rows-f', bug: 'keys that no workspace takes are taken where nobody is signed in',
    file: `${CORE}/capture/write-plain.ts`,
    replace: ['  readKey(table, row)\n', ''],
    tests: LOCAL,
  },
  {
    id: 'adopt-a', bug: 'rows move into the database they are in, and are removed',
    file: `${CORE}/database/move-local-rows.ts`,
    replace: ['if (to.name === from.name) throw', 'if (to.name === \'\') throw'],
    tests: LOCAL,
  },
  {
    id: 'adopt-b', bug: 'local rows move into whichever database is open',
    file: 'src/runtime/app/sync-client.ts',
    replace: ['    await this.settled()\n    if (keyOf(this.#identity) === keyOf(identityOf(state))) return', '    if (state) return'],
    tests: ADOPT,
  },
  {
    id: 'adopt-c', bug: 'local rows of a user without a workspace move',
    file: 'src/runtime/app/sync-client.ts',
    replace: ['if (!workspaceId) throw', 'if (workspaceId === \'\') throw'],
    tests: ADOPT,
  },
  {
    id: 'slow-links-a', bug: 'a push that is too large for the link is sent again as it was',
    file: `${CORE}/push/fault-finder.ts`,
    replace: ['    this.options.link.tooMuch(ops)\n', ''],
    tests: LINKS,
  },
  {
    id: 'slow-links-b', bug: 'a page that is too large for the link is asked for again as it was',
    file: `${CORE}/pull/remote-pages.ts`,
    replace: ['if (isTimeout(error)) pageSize.tooMuch(limit)', 'if (limit === 0) pageSize.tooMuch(limit)'],
    tests: LINKS,
  },
  {
    id: 'slow-links-c', bug: 'one edit that is too large for the link holds up all behind it',
    file: `${CORE}/push/fault-finder.ts`,
    replace: ['if ((ops > 1 && !isOneGroup) || ++this.#late < (ops > 1 ? TOO_SLOW : SUSPICIOUS)) return', 'if ((ops > 1 && !isOneGroup) || ops === 1 || ++this.#late < TOO_SLOW) return'],
    tests: LINKS,
  },
  {
    id: 'slow-links-d', bug: 'a network that is gone is taken for a slow one',
    file: `${CORE}/transport/is-timeout.ts`,
    replace: ['    if ((cause as { name?: unknown }).name === \'TimeoutError\') return true\n', '    if (cause instanceof SyncError && cause.code === \'NETWORK_ERROR\') return true\n'],
    tests: LINKS,
  },
  {
    id: 'slow-links-e', bug: 'requests stay small for ever once the link was slow',
    file: `${CORE}/transport/request-size.ts`,
    replace: ['if (this.#bound === max || ++this.#full < this.#patience) return', 'if (mayChange) return'],
    tests: LINKS,
  },
  {
    id: 'slow-links-f', bug: 'every other request on a slow link is tried in vain',
    file: `${CORE}/transport/request-size.ts`,
    replace: ['this.#patience = Math.min(this.#patience * 2, most)', 'this.#patience = first'],
    tests: LINKS,
  },
  {
    id: 'local-rows-g', bug: 'a move that an earlier version of the package began writes its rows a second time',
    file: `${CORE}/database/move-local-rows.ts`,
    replace: ['return `${tableName}/${pk}`', 'return `${tableName}:${pk}`'],
    tests: ['test/unit/engine/local-database.test.ts'],
  },
  {
    id: 'slow-links-g', bug: 'a link that carries a full request now and then has every other one run out of time',
    file: `${CORE}/transport/request-size.ts`,
    replace: ['if (mayChange && this.#bound === max) return', ''],
    tests: LINKS,
  },
  {
    id: 'wiped-workspaces-a', bug: 'a sign-out that wipes leaves the user\'s other workspaces on the disk',
    file: 'src/runtime/app/sync-client.ts',
    replace: ['if (force) for (const name of names) await', 'if (force) for (const name of names.slice(0, 1)) await'],
    tests: APP,
  },
  {
    id: 'wiped-workspaces-b', bug: 'unsent edits of the user\'s other workspaces are wiped unasked',
    file: 'src/runtime/app/sync-client.ts',
    replace: ['    for (const name of names) if (name !== this.db.value?.name) count += await this.#databases.countUnsynced(name)\n', ''],
    also: [{ replace: ['count += await this.#databases.deleteIfSynced(name)', 'await this.#databases.delete(name)'] }],
    tests: APP,
  },
  {
    id: 'wiped-workspaces-c', bug: 'a sign-out that wipes takes the databases of users whose ids begin alike',
    file: 'src/runtime/core/sync/database/sync-database.ts',
    replace: ['return `or3-db-${encodeId(userId)}-`', 'return `or3-db-${encodeId(userId)}`'],
    also: [{ replace: ['return `${prefixOf(userId)}${encodeId(workspaceId)}`', 'return `${prefixOf(userId)}-${encodeId(workspaceId)}`'] }],
    tests: APP,
  },
  {
    id: 'what-is-over-a', bug: 'whoever waits for rest waits for edits of a table that is no more',
    file: `${CORE}/life/sync-supervisor.ts`,
    replace: ['Object.hasOwn(schema.tables, tableName) && ops.some', 'tableName in schema.tables || ops.some'],
    tests: OVER,
  },
  {
    id: 'what-is-over-b', bug: 'rescans that the user asks for are taken for a loop of the store',
    file: `${CORE}/pull/catch-up.ts`,
    replace: ['if (reason !== ASKED_FOR) this.#noteRescan', 'if (reason !== \'\') this.#noteRescan'],
    tests: OVER,
  },
  {
    id: 'what-is-over-c', bug: 'a provider that cannot be disposed of makes closing fail',
    file: `${CORE}/create-sync-engine.ts`,
    replace: ['catch (error) { env.log.warn(\'The provider could not be disposed of\', error) }', 'catch (error) { throw error as Error }'],
    tests: OVER,
  },
  {
    id: 'what-is-over-d', bug: 'a provider that cannot unsubscribe ends sync with an error',
    file: `${CORE}/pull/live-subscription.ts`,
    replace: ['catch (error) { warn(error) }', 'catch (error) { throw error as Error }'],
    tests: OVER,
  },
  {
    id: 'wrong-clocks-a', bug: 'what is kept for 30 days is cleared by the device\'s own clock',
    file: `${CORE}/life/gc-manager.ts`,
    replace: ['const now = this.context.storeTime()', 'const now = this.context.env.clock.now()'],
    tests: CLOCKS,
  },
  {
    id: 'wrong-clocks-b', bug: 'what is kept is cleared for its age before anybody said what time it is',
    file: `${CORE}/life/gc-manager.ts`,
    replace: ['if (this.context.isTimeSure()) await this.run()', 'await this.run()'],
    tests: CLOCKS,
  },
  {
    id: 'wrong-clocks-c', bug: 'a loser is dated by the device\'s own clock',
    file: `${CORE}/merge/keep-conflicts.ts`,
    replace: ['detectedAt: context.storeTime()', 'detectedAt: context.env.clock.now()'],
    tests: CLOCKS,
  },
  {
    id: 'wrong-clocks-d', bug: 'a clock that is set back after a burst silences all notices',
    file: `${CORE}/face/notice-rules.ts`,
    replace: ['Math.abs(now - at) < NOTICE', 'now - at < NOTICE'],
    tests: CLOCKS,
  },
  {
    id: 'wrong-clocks-e', bug: 'the age of a conflict is judged by the device\'s own clock',
    file: `${CORE}/face/notification-center.ts`,
    replace: ['now: storeTime, log', 'now: env.clock.now, log'],
    tests: ['test/unit/engine/notices.test.ts'],
  },
]
