import type { Mutant } from './mutant.ts'

const QUERIES = 'test/unit/server/queries'
const PAGE_READS = 'server/lib/requests/page-reads.ts'
const PLAN_READER = 'server/lib/backends/plan-reader.ts'
const INDEX = 'server/lib/backends/sqlite/queries/query-index.ts'
const SLICES = 'server/lib/backends/sqlite/queries/query-slices.ts'

/** What a page that is rendered on the server reads: as whom, from where, and whether it is the same as on a device. */
export const PAGE_QUERIES: readonly Mutant[] = [
  {
    id: 'page-workspace', bug: 'a cookie leads into a workspace of somebody else',
    file: PAGE_READS,
    replace: ['(workspaces.find(({ id }) => id === last) ?? workspaces[0])?.id', 'last ?? workspaces[0]?.id'],
    tests: [`${QUERIES}/page-reads.test.ts`],
  },
  {
    id: 'page-cached-by-nitro', bug: 'a page that Nitro keeps for everybody has the rows of the visitor who came first',
    file: 'server/nitro/page-context.ts',
    replace: ['return context.cache !== undefined || Boolean(rules?.isr)', 'return Boolean(rules?.isr)'],
    tests: [`${QUERIES}/page-context.test.ts`],
  },
  {
    id: 'page-cached-by-proxy', bug: 'a proxy may keep a page with rows of a user',
    file: PAGE_READS,
    replace: ['keepPrivate(event)\n        return answer', 'return answer'],
    tests: [`${QUERIES}/page-reads.test.ts`],
  },
  {
    id: 'page-time-limit', bug: 'a page waits for a store that does not answer',
    file: PAGE_READS,
    replace: ['await untilAborted(findRows(this.context.service, { workspaceId, userId, session, plan, signal }), signal)', 'await findRows(this.context.service, { workspaceId, userId, session, plan, signal })'],
    tests: [`${QUERIES}/page-reads.test.ts`],
  },
  {
    id: 'page-quarantined-row', bug: 'a page shows a row that every device keeps in quarantine',
    file: PLAN_READER,
    replace: ['&& validateRow(this.table, upgraded.row) === null', ''],
    tests: [`${QUERIES}/find-rows.test.ts`],
  },
  {
    id: 'page-read-too-much', bug: 'one page makes the server read a table of any size',
    file: PLAN_READER,
    replace: ['if (this.#rows <= READ_MAX_ROWS && this.#bytes <= READ_MAX_BYTES) return', 'if (this.#rows > 0) return'],
    tests: [`${QUERIES}/find-rows.test.ts`],
  },
  {
    id: 'page-deleted-meanwhile', bug: 'a row that is deleted while its table is read is shown',
    file: 'server/lib/service/scan-table.ts',
    replace: ['if (page.last.latestVersion !== page.first.latestVersion)', 'if (page.last.latestVersion < page.first.latestVersion)'],
    tests: [`${QUERIES}/find-rows.test.ts`],
  },
  {
    id: 'page-many-keys', bug: 'a row with many tags holds up the server for minutes',
    file: 'src/runtime/shared/sync/query/index-keys.ts',
    replace: ['keys.sort(compareKeys).filter((key, at) => at === 0 || compareKeys(keys[at - 1], key) !== 0)', 'keys.sort(compareKeys).filter((key, at) => !keys.slice(0, at).some(before => compareKeys(before, key) === 0))'],
    tests: [`${QUERIES}/hostile-plans.test.ts`],
  },
  {
    id: 'page-keys-read', bug: 'one page makes the server sort a million keys of a few rows',
    file: PLAN_READER,
    replace: ['if (this.#keys > READ_MAX_KEYS) throw', 'if (this.#keys < 0) throw'],
    tests: [`${QUERIES}/hostile-plans.test.ts`],
  },
  {
    id: 'page-many-values', bug: 'a list of any length in a query makes as many reads of the store',
    file: 'server/lib/service/check-plan.ts',
    replace: ['if (range.values.length > ANY_OF_MAX_VALUES)', 'if (range.values.length === 0 && ANY_OF_MAX_VALUES < 0)'],
    tests: [`${QUERIES}/hostile-plans.test.ts`],
  },
  {
    id: 'page-bytes-asked', bug: 'a query for some bytes gets the answer to a query for other bytes',
    file: 'src/runtime/shared/sync/query/is-query-key.ts',
    replace: ['if (ArrayBuffer.isView(value) || Object.prototype.toString.call(value) === \'[object ArrayBuffer]\') return false\n', ''],
    tests: [`${QUERIES}/hostile-plans.test.ts`],
  },
  {
    id: 'index-upgraded-rows', bug: 'an index of stored shapes answers for rows that `upgradeRow` changes',
    file: INDEX,
    replace: ['if (table.upgradeRow || index.startsWith(\'*\')) return null', 'if (index.startsWith(\'*\')) return null'],
    tests: [`${QUERIES}/find-rows.test.ts`],
  },
  {
    id: 'index-names', bug: 'a field name ends a text in SQL',
    file: INDEX,
    replace: ['const PLAIN_NAME = /^[\\p{L}\\p{N}_$-]+$/u', 'const PLAIN_NAME = /^.+$/u'],
    tests: [`${QUERIES}/hostile-names.test.ts`],
  },
  {
    id: 'index-utf16', bug: 'a bound in UTF-8 leaves out texts that are within it in UTF-16',
    file: SLICES,
    replace: ['const end = text.search(SURROGATES)', 'const end = -1'],
    tests: [`${QUERIES}/find-rows.test.ts`, `${QUERIES}/equal-answers.test.ts`],
  },
  {
    id: 'index-arrays', bug: 'arrays and bytes are taken in whatever order SQLite has them',
    file: 'server/lib/backends/sqlite/queries/sqlite-find.ts',
    replace: ['if (columns.unordered) return \'unordered\'', ''],
    tests: [`${QUERIES}/find-rows.test.ts`],
  },
  {
    id: 'index-snapshot', bug: 'parts of an answer are from different versions of the workspace',
    file: 'server/lib/backends/sqlite/queries/sqlite-find.ts',
    replace: ['if (chunk.head.version !== first.version || chunk.head.epoch !== first.epoch) return \'changed\'', ''],
    tests: [`${QUERIES}/changing-store.test.ts`],
  },
  {
    id: 'index-of-newer-app', bug: 'an old process drops the indexes of a newer version of the app',
    file: 'server/lib/backends/sqlite/queries/prepare-indexes.ts',
    replace: ['if (before >= version) return before === version', 'if (before >= version) return true'],
    tests: [`${QUERIES}/prepare-indexes.test.ts`],
  },
  {
    id: 'answer-order', bug: 'rows with the same key come in any order',
    file: 'src/runtime/shared/sync/query/answer-plan.ts',
    replace: ['compareKeys(a.key, b.key) || compareKeys(a.row[primaryKey], b.row[primaryKey])', 'compareKeys(a.key, b.key)'],
    tests: ['test/unit/shared/query/answer-plan.test.ts'],
  },
]
