import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const PRIVATE_ROWS = ['test/unit/simulation/private-rows.test.ts']
const REFUSED_HISTORIES = ['test/unit/simulation/refused-histories.test.ts']

/** Bugs of our own: rows that only this device has, and edits that are held back here. */
export const KEPT_HERE: readonly Mutant[] = [
  {
    id: 'private-row', bug: 'a row that becomes private leaves no tombstone beside it',
    file: `${CORE}/capture/capture-put.ts`,
    replace: ['if (isExcluded) result.tombstones.set(', 'if (isExcluded && tombstone) result.tombstones.set('],
    tests: PRIVATE_ROWS, simulated: true,
  },
  {
    id: 'private-row-b', bug: 'what was set aside for a private row stays there when the row is shared again, or gone',
    file: `${CORE}/capture/hook-bridge.ts`,
    replace: ['if (published) this.options.onPublished(published)', ''],
    tests: PRIVATE_ROWS,
  },
  {
    id: 'private-row-c', bug: 'a remote edit of a record that is private here takes the private row\'s place',
    file: `${CORE}/read/conflict-resolver.ts`,
    replace: ['const isOwn = row !== undefined && isPrivate(this.context, table, row)', 'const isOwn = row === undefined && isPrivate(this.context, table, {})'],
    tests: PRIVATE_ROWS, simulated: true,
  },
  {
    id: 'held-edit', bug: 'of an edit that is held upon one that was not, the earlier one counts as on its way for ever',
    file: `${CORE}/outbox/collect-batch.ts`,
    replace: ['if (view.entries(key).some(({ record }) => record.status === \'pending\')) batch.held', 'if (entry.record.status !== \'held\') batch.held'],
    tests: PRIVATE_ROWS,
  },
  {
    id: 'given-up-unheard', bug: 'a private row whose delete is given up does not know this device\'s own put, of which it hears only then',
    file: `${CORE}/outbox/given-up.ts`,
    replace: ['unheard: tombstone.unheard }', 'unheard: [] }'],
    tests: REFUSED_HISTORIES,
  },
  {
    id: 'given-up-unheard-b', bug: 'a private row whose delete is given up, and that is public again, does not say which of this device\'s edits may have arrived',
    file: `${CORE}/capture/capture-put.ts`,
    replace: ['...(tombstone.unheard ? { unheard: tombstone.unheard } : {})', ''],
    tests: REFUSED_HISTORIES,
  },
]
