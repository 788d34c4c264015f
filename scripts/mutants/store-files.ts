import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const SQLITE = 'server/lib/backends/sqlite'
const FILE_TESTS = ['test/unit/server/sqlite-file.test.ts']
const BACKEND_TESTS = ['test/unit/server/backends.test.ts']
const SETTINGS_TESTS = ['test/unit/server/gateway-settings.test.ts']

/** The store's file, whose it is and what becomes of it; and what a server says of itself. */
export const STORE_FILES: readonly Mutant[] = [
  {
    id: 'b2-start', bug: 'a start gives up at a lock that SQLite itself does not wait for',
    file: `${SQLITE}/open-sqlite.ts`,
    replace: ['if (!isLock(error) || performance.now() >= deadline) throw error', 'throw error'],
    tests: FILE_TESTS,
  },
  {
    id: 'power-cuts', bug: 'an acknowledged push need not survive a power cut',
    file: `${SQLITE}/open-sqlite.ts`,
    replace: ['PRAGMA synchronous = FULL', 'PRAGMA synchronous = NORMAL'],
    tests: ['test/unit/scripts/soak/power-cuts.test.ts'],
  },
  {
    id: 'c6-foreign', bug: 'the journal of another program\'s database is changed before anybody looks whose it is',
    file: `${SQLITE}/open-sqlite.ts`,
    replace: ['  readFormat(db)\n', ''],
    tests: FILE_TESTS,
  },
  {
    id: 'c6-tables', bug: 'tables are made in another program\'s database',
    file: `${SQLITE}/sqlite-tables.ts`,
    replace: ['if (!Number.isInteger(format)) throw', 'if (!Number.isInteger(format)) return null\n  if (format === 0) throw'],
    tests: FILE_TESTS,
  },
  {
    id: 'c6-columns', bug: 'whether the tables have our columns is found out after the commit',
    file: `${SQLITE}/sqlite-tables.ts`,
    replace: ['    const statements = prepareStatements(db)\n    db.exec(\'COMMIT\')\n    return statements', '    db.exec(\'COMMIT\')\n    return prepareStatements(db)'],
    tests: FILE_TESTS,
  },
  {
    id: 'd2-format', bug: 'a later format is looked at after tables were made in it',
    file: `${SQLITE}/sqlite-tables.ts`,
    replace: ['if (format < 1 || format > FORMAT)', 'if (format < 1)'],
    tests: FILE_TESTS,
  },
  ...inFile(`${SQLITE}/store-files.ts`, FILE_TESTS, [
    {
      id: 'c5-gone', bug: 'pushes are acknowledged into a file that was deleted',
      replace: ['if (lost) throw', 'if (lost && this.#opened.length === 0) throw'],
    },
    {
      id: 'c5-replaced', bug: 'another file in the store\'s place is taken for it',
      replace: ['identityOf(path) !== identity', 'identityOf(path) === undefined'],
    },
    {
      id: 'c5-log', bug: 'the log beside the file may go away unnoticed',
      replace: ['[path, `${path}-wal`, `${path}-shm`]', '[path]'],
    },
  ]),
  {
    id: 'c5-commit', bug: 'a file that goes away in the middle of a push is noticed by the next one only',
    file: `${SQLITE}/sqlite-connection.ts`,
    replace: ['if (begin === \'BEGIN IMMEDIATE\') this.files?.check()', ''],
    tests: FILE_TESTS,
  },
  {
    id: 'd3-health', bug: 'a store that takes no pushes is well',
    file: 'server/lib/backends/guard-backend.ts',
    replace: ['writes.failed()', ''],
    tests: FILE_TESTS,
  },
  {
    id: 'd3-repeats', bug: 'a batch that changed nothing counts as stored',
    file: 'server/lib/backends/guard-backend.ts',
    replace: ['outcome.status === \'pushed\' && outcome.applied > 0)', 'outcome.status === \'pushed\')'],
    tests: FILE_TESTS,
  },
  {
    id: 'd4-sqlite', bug: 'a purge is forgotten with its setting (SQLite)',
    file: `${SQLITE}/sqlite.ts`,
    replace: ['laterPurge(request.purgedBefore, known?.purged_before)', 'request.purgedBefore'],
    tests: BACKEND_TESTS,
  },
  {
    id: 'd4-column', bug: 'a store of before the note is not taken any more',
    file: `${SQLITE}/sqlite-tables.ts`,
    replace: ['if (!columns.has(\'purged_before\')) db', 'if (format === 0) db'],
    tests: FILE_TESTS,
  },
  {
    id: 'd4-memory', bug: 'a purge is forgotten with its setting (memory)',
    file: 'server/lib/backends/memory.ts',
    replace: ['laterPurge(request.purgedBefore, workspace.purgedBefore)', 'request.purgedBefore'],
    tests: BACKEND_TESTS,
  },
  {
    id: 'gateway-parts', bug: 'what a gateway lacks is met before it is named',
    file: 'server/lib/context/gateway-context.ts',
    replace: ['    this.settings = readGatewaySettings(given)\n    this.now = given.now ?? Date.now\n    this.schema = stopEarly(given.schema)\n', '    this.now = given.now ?? Date.now\n    this.schema = stopEarly(given.schema)\n    this.settings = readGatewaySettings(given)\n'],
    tests: SETTINGS_TESTS,
  },
  {
    id: 'no-tables', bug: 'a stream of no tables carries all of them',
    file: 'server/lib/routes/subscribe.ts',
    replace: ['tables: knownTables(tables, context.schema)', 'tables: tables?.length ? knownTables(tables, context.schema) : undefined'],
    tests: ['test/unit/server/subscribe.test.ts'],
  },
  {
    id: 'engine-columns', bug: 'a payload brings engine columns of its own',
    file: 'src/runtime/shared/sync/rows/sanitize-payload.ts',
    replace: ['[...RESERVED_FIELDS, ...ENGINE_COLUMNS]', 'RESERVED_FIELDS'],
    tests: ['test/unit/shared/wire-values.test.ts', 'test/unit/server/hostile.test.ts'],
  },
]
