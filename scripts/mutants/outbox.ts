import type { Mutant } from './mutant.ts'

const OUTBOX = 'src/runtime/core/sync/outbox'
const LONG_LIFE = ['test/unit/engine/long-lived-tabs.test.ts']

/** F49 to F51: memory that is never given back, and work that grows with what else is there. Caught by counting, never by a stopwatch. */
export const OUTBOX_MUTANTS: readonly Mutant[] = [
  {
    id: 'recent-writes-a', bug: 'the payload of every edit is kept, not of each record\'s newest',
    file: `${OUTBOX}/recent-writes.ts`,
    replace: ['this.#edits.set(key, {', 'this.#edits.set(`${key} ${opId}`, {'],
    tests: LONG_LIFE,
  },
  {
    id: 'recent-writes-b', bug: 'where memory is short, the newest edit is not remembered',
    file: `${OUTBOX}/recent-writes.ts`,
    replace: ['size > MAX_BYTES', 'this.#bytes + size > MAX_BYTES'],
    tests: ['test/unit/engine/recent-writes.test.ts'],
  },
  {
    id: 'polls-let-go', bug: 'each poll leaves a listener on the provider\'s signal',
    file: 'src/runtime/core/sync/providers/gateway-client.ts',
    replace: ['finally { release() }', 'finally { void release }'],
    tests: LONG_LIFE,
  },
]
