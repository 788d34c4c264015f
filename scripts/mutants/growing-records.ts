import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const PULL = 'src/runtime/core/sync/pull'
const LIFE = 'src/runtime/core/sync/life'
const GROWING = ['test/unit/engine/growing-records/growing-records.test.ts']
const JOINED = ['test/unit/engine/growing-records/joined-pages.test.ts']
const TABS = ['test/unit/engine/growing-records/tabs.test.ts']

/** A record that changes many times a second is applied about ten times a second, and nothing else waits for that. */
export const GROWING_RECORDS: readonly Mutant[] = [
  ...inFile(`${PULL}/growing-records.ts`, GROWING, [
    { id: 'growing-at-once', bug: 'each change of a record that grows is applied alone', replace: ['const JOIN_MS = 100', 'const JOIN_MS = 0'] },
    { id: 'growing-mixed', bug: 'a page waits although only one of its records was changed just now', replace: ['if (waitMs === 0) return 0', ''] },
    { id: 'growing-any', bug: 'the first change of a record waits', replace: ['if (!record) return 0', 'if (!record) return JOIN_MS'] },
    { id: 'growing-vain', bug: 'a writer who waits until each change is seen is slowed down for ever', replace: ['how === \'in-vain\' ? vainWaits + 1 : vainWaits', 'vainWaits'] },
    { id: 'growing-rest', bug: 'a record that was left alone once is never waited for again', replace: ['if (this.#isWithin(restsFrom, REST_MS)) return 0', 'if (restsFrom) return 0'] },
    { id: 'growing-clock', bug: 'after the clock was set back, changes wait until it has caught up', replace: ['return age >= 0 && age < ms', 'return age < ms'] },
  ]),
  ...inFile(`${PULL}/joined-pages.ts`, JOINED, [
    { id: 'joined-older', bug: 'of two revisions the one that comes last is applied', replace: ['if (!known || compareRevisions(change.stamp, known.stamp) >= 0) this', 'this'] },
    { id: 'joined-gap', bug: 'a page with a gap before it is joined, and the cursor passes the gap', replace: [' || (this.#place && page.from > this.#place.nextCursor)', ''] },
    { id: 'joined-step', bug: 'a page of an unfinished step is joined, and makes what was there before wait for the rest', replace: ['!page || page.hasMore ||', '!page ||'], tests: [...JOINED, ...GROWING] },
    { id: 'joined-marks', bug: 'marks that were followed up stay', replace: ['[earlier.asked, later.asked]', '[later.asked]'] },
    { id: 'joined-rows', bug: 'any number of records may wait', replace: ['this.#changes.size > STEP_MAX_ROWS || ', ''] },
    { id: 'joined-text', bug: 'any amount of text may wait', replace: [' || this.#text > STEP_MAX_TEXT', ''], tests: GROWING },
  ]),
  ...inFile(`${PULL}/live-pages.ts`, GROWING, [
    { id: 'growing-others', bug: 'a change of another record waits with those that wait', replace: ['else if (!waitMs || joined.isTooMuch(page))', 'else if (joined.isTooMuch(page))'] },
    {
      id: 'growing-later', bug: 'each further change makes the first one wait longer',
      replace: ['else this.#timer ??= this.options.clock', 'else this.options.clock.clearTimeout(this.#timer), this.#timer = this.options.clock'],
      also: [{ replace: ['this.#isDue(joined), waitMs)', 'this.#isDue(joined), 100)'] }],
    },
    { id: 'growing-stream', bug: 'the stream is not read on while a change waits, so nothing can be joined', replace: ['this.options.clock.setTimeout(() => this.#isDue(joined), waitMs)', 'await new Promise(resolve => this.options.clock.setTimeout(() => resolve(this.#isDue(joined)), waitMs))'] },
    { id: 'growing-empty', bug: 'a page without changes ends the wait', replace: ['return this.#joined && !changes.length ? Infinity : this', 'return this'] },
    { id: 'growing-kept', bug: 'what waited is forgotten when a page comes that cannot be joined', replace: ['      await this.#applyJoined(\'at-once\')\n      await this.#apply(page, \'at-once\')', '      await this.#apply(page, \'at-once\')'] },
  ]),
  ...inFile(`${PULL}/live-subscription.ts`, GROWING, [
    { id: 'growing-dropped', bug: 'what waits when the connection is lost is not shown before it is back', replace: ['const applied = this.#pages.applyNow()', 'const applied = Promise.resolve()'] },
    { id: 'growing-pull', bug: 'who waits for a pull waits for it with what is there already', replace: ['    void this.#pages.applyNow()\n    try {', '    try {'] },
    { id: 'growing-fetching', bug: 'pages wait while somebody waits for a pull', replace: ['page.hasMore || this.#isFetching || isHidden', 'page.hasMore || isHidden'] },
    { id: 'growing-hidden', bug: 'in a hidden page, changes wait for timers that come a minute late', replace: [' || isHidden) return false', ') return false'] },
    { id: 'growing-cursor', bug: 'a provider that reads on from the cursor reads again and again what waits', replace: ['Math.max(cursors.state.cursor, this.#pages.position),', 'cursors.state.cursor,'] },
  ]),
  ...inFile(`${LIFE}/leader.ts`, GROWING, [
    { id: 'growing-flush', bug: 'a flush leaves what waits waiting', replace: ['Promise.all([leading.outbox.flush(), leading.subscription.applyNow()])', 'leading.outbox.flush()'] },
    { id: 'growing-hide', bug: 'what waits when the page is hidden is not in the database', replace: ['    leading.outbox.leave()\n    void leading.subscription.applyNow()', '    leading.outbox.leave()'] },
    { id: 'growing-flush-elsewhere', bug: 'a flush in another tab leaves what waits waiting', replace: ['if (message.now) void this.#leading?.subscription.applyNow()', ''], tests: TABS },
  ]),
  {
    id: 'growing-idle', bug: '`whenIdle` waits with what waits',
    file: `${LIFE}/leader-work.ts`,
    replace: ['    await this.subscription.applyNow()\n', ''],
    tests: GROWING,
  },
]
