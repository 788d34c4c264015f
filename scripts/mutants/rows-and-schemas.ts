import type { Mutant } from './mutant.ts'

const SHARED = 'src/runtime/shared/sync'
const NAMES = ['test/unit/engine/field-names.test.ts']

/** Bugs of our own: fields under two names, keys that change theirs, schemas that no browser can store, and rows that differ between devices. */
export const ROWS_AND_SCHEMAS: readonly Mutant[] = [
  {
    id: 'two-names-a', bug: 'a value under a field\'s name on the wire stays there on the device that wrote it',
    file: `${SHARED}/encode-row.ts`,
    replace: ['const local = toWireName.has(key) ? key : toLocalName.get(key) ?? key', 'const local = toWireName.has(key) || toLocalName.has(key) ? key : key'],
    tests: NAMES,
  },
  {
    id: 'two-names-b', bug: 'of a field under both of its names the later one is sent, and both are stored',
    file: `${SHARED}/encode-row.ts`,
    replace: ['if (local === key || row[local] === undefined) return local', 'if (local !== \'\') return local'],
    tests: NAMES,
  },
  {
    id: 'two-names-c', bug: 'an unknown key that comes in under a field\'s name takes the place of the field',
    file: `${SHARED}/decode-payload.ts`,
    replace: ['if (!isHidden && key', 'if (isHidden !== null && key'],
    tests: NAMES,
  },
]
