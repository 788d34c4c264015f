import type { Mutant } from './mutant.ts'

const APP = 'src/runtime/app'
const PAGE_ROWS = 'src/runtime/core/sync/face/page-rows.ts'
const ROWS = ['test/unit/engine/page-rows.test.ts']
const EDITS = ['test/unit/app/edit-of-page-row.test.ts']
const PAGES = ['test/unit/app/both-sides.test.ts']

/** Queries that the server answers for a page, and that the browser goes on with. */
export const BOTH_SIDES: readonly Mutant[] = [
  {
    id: 'both-sides-a', bug: 'the server\'s row stands in place of an unsent edit',
    file: PAGE_ROWS, replace: ['if (isOwn) return true', 'if (isOwn) return !server'], tests: [...ROWS, ...PAGES],
  },
  {
    id: 'both-sides-b', bug: 'an edit is not shown from when it is acknowledged until the device has caught up',
    file: PAGE_ROWS, replace: ['if (op.tableName === options.plan.table) this.#edited.add(op.pk)', 'void op'], tests: ROWS,
  },
  {
    id: 'both-sides-c', bug: 'a row that was deleted here shows again once the delete is acknowledged',
    file: PAGE_ROWS, replace: ['return tombstone !== undefined && !tombstone.isGivenUp && isNewer(tombstone, server)', 'return false'], tests: ROWS,
  },
  {
    id: 'both-sides-d', bug: 'the version that a device reached before a restore counts as the server\'s',
    file: PAGE_ROWS, replace: ['(stored?.epoch === undefined || stored.epoch === epoch) && ', ''], tests: ROWS,
  },
  {
    id: 'both-sides-e', bug: 'a device that was away shows its older rows after the server\'s',
    file: PAGE_ROWS, replace: ['Math.max(stored?.cursor ?? 0, cursor()) >= version', 'version >= 0'], tests: [...ROWS, ...PAGES],
  },
  {
    id: 'both-sides-f', bug: 'offset leaves out rows of an answer that lacks them already',
    file: PAGE_ROWS, replace: ['answerPlan({ ...plan, offset: 0, limit: null', 'answerPlan({ ...plan, limit: null'], tests: ROWS,
  },
  {
    id: 'both-sides-g', bug: 'a component that hydrates shows Dexie\'s answer before it is mounted',
    file: `${APP}/followed-query.ts`, replace: ['if (this.#held) this.#held.push(show)\n    else show()', 'show()'], tests: PAGES,
  },
  {
    id: 'both-sides-h', bug: 'the rows of a page that was rendered for somebody else stay',
    file: `${APP}/followed-query.ts`, replace: ['if (this.#isOf(session)) return true', 'if (session) return true'], tests: PAGES,
  },
  {
    id: 'both-sides-i', bug: 'a query of two components is read twice',
    file: `${APP}/prefetch-answers.ts`, replace: ['this.#answers.get(built.key) ?? ', ''], tests: ['test/unit/app/queries-on-server.test.ts'],
  },
  {
    id: 'both-sides-j', bug: 'a component that is mounted later begins with rows of the time when the page was rendered',
    file: `${APP}/page-answers.ts`, replace: ['Reflect.deleteProperty(answers, each)', 'void each'], tests: PAGES,
  },
  {
    id: 'both-sides-k', bug: 'after a sign-out the server goes on rendering pages for the user\'s last workspace',
    file: `${APP}/browser-session.ts`, replace: ['this.#tellServerOf(null)', 'void userId'], tests: ['test/unit/app/workspace-cookie.test.ts'],
  },
  {
    id: 'both-sides-l', bug: 'an end is forgotten: the browser gives all rows where the server gives some',
    file: 'src/runtime/core/sync/face/run-plan.ts', replace: ['if (plan.offset) found = found.offset(plan.offset)', ''], tests: ['test/unit/engine/run-plan.test.ts'],
  },
  {
    id: 'both-sides-m', bug: 'after a restore of the store a page shows the server\'s rows for good',
    file: `${APP}/followed-query.ts`, replace: ['rows.reach()\n        restart()', 'restart()'], tests: PAGES,
  },
  {
    id: 'both-sides-n', bug: 'an edit of a row that only the server has shown is made upon none',
    file: PAGE_ROWS, replace: ['await storedRows(db, plan.table).put(server)', 'void storedRows'], tests: EDITS,
  },
  {
    id: 'both-sides-o', bug: 'the server\'s row takes the place of an unsent edit when that is changed',
    file: PAGE_ROWS, replace: ['if (standsFor(record, server) || ', 'if ('], tests: EDITS,
  },
  {
    id: 'both-sides-p', bug: 'the row of a page that was rendered for somebody else gets into this user\'s database by an edit',
    file: `${APP}/followed-query.ts`, replace: ['isOurs.then(is => is ? loaded : null)', 'void isOurs, loaded'], tests: EDITS,
  },
  {
    id: 'both-sides-q', bug: 'a table that the app has added shows as empty until it is fetched',
    file: PAGE_ROWS, replace: ['if (stored && !stored.tables.includes(plan.table)) return false', ''], tests: ROWS,
  },
  {
    id: 'both-sides-r', bug: 'useSyncRow shows the row of the key before',
    file: 'src/runtime/composables/use-sync-row.ts', replace: ['keyOf(toValue(table), live.value.value) === toValue(pk) ? live.value.value : undefined', 'live.value.value'], tests: ['test/unit/app/use-sync-row.test.ts'],
  },
  {
    id: 'both-sides-s', bug: 'a component that reverses its list in place reverses what the page sends',
    file: `${APP}/page-answers.ts`, replace: ['[...value as unknown[]]', 'value'], tests: ['test/unit/app/queries-on-server.test.ts'],
  },
  {
    id: 'both-sides-t', bug: 'a query keeps a list of the app\'s as its key, which may change or be a proxy',
    file: 'src/runtime/shared/sync/query/query-tables.ts', replace: ['return copyKey(value)', 'return value as QueryKey'], tests: ['test/unit/shared/query/query-tables.test.ts'],
  },
]
