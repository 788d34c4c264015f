import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
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
    replace: ['stored.get(recordKey(name, key)) !== hash', 'stored.get(name) !== hash'],
    tests: LOCAL,
  },
  {
    id: 'local-rows-c', bug: 'what has moved once does not move again',
    file: `${CORE}/database/move-local-rows.ts`,
    replace: ['    for (const { key } of rows) stored.delete(recordKey(name, key))\n', ''],
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
    file: `${CORE}/database/local-database.ts`,
    replace: ['  installPlainWrites(db, options.schema)\n', ''],
    tests: LOCAL,
  },
  {
    id: 'local-rows-f', bug: 'keys that no workspace takes are taken where nobody is signed in',
    file: `${CORE}/capture/write-plain.ts`,
    replace: ['  readKey(table, row)\n', ''],
    tests: LOCAL,
  },
]
