import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const CORE = 'src/runtime/core/sync'
const LARGE_TABLES = ['test/unit/engine/large-tables.test.ts']
const OUTBOX_COST = ['test/unit/engine/outbox-cost.test.ts']
const LONG_LIFE = ['test/unit/engine/long-lived-tabs.test.ts']

/** F49 to F51: memory that is never given back, and work that grows with what else is there. Caught by counting, never by a stopwatch. */
export const OUTBOX_MUTANTS: readonly Mutant[] = [
  {
    id: 'recent-writes-a', bug: 'the payload of every edit is kept, not of each record\'s newest',
    file: `${CORE}/push/recent-writes.ts`,
    replace: ['this.#edits.set(key, {', 'this.#edits.set(`${key} ${opId}`, {'],
    tests: LONG_LIFE,
  },
  {
    id: 'recent-writes-b', bug: 'where memory is short, the newest edit is not remembered',
    file: `${CORE}/push/recent-writes.ts`,
    replace: ['size > MAX_BYTES', 'this.#bytes + size > MAX_BYTES'],
    tests: ['test/unit/engine/recent-writes.test.ts'],
  },
  {
    id: 'polls-let-go', bug: 'each poll leaves a listener on the provider\'s signal',
    file: 'src/runtime/core/sync/transport/gateway/gateway-client.ts',
    replace: ['finally { release() }', 'finally { void release }'],
    tests: LONG_LIFE,
  },
  {
    id: 'by-key-a', bug: 'a page with foreign changes reads the whole outbox',
    file: 'src/runtime/core/sync/pull/change-applier.ts',
    replace: ['outbox.view(keysOf(remote))', 'db.pending_ops.toArray().then(records => new OutboxView(records))'],
    tests: OUTBOX_COST,
  },
  {
    id: 'by-key-b', bug: 'every look at the outbox reads all of it',
    file: `${CORE}/queue/outbox-store.ts`,
    replace: ['if (this.#connection !== connection) {', 'if (connection) {'],
    tests: OUTBOX_COST,
  },
  {
    id: 'by-key-c', bug: 'each batch asks every held edit again whether it may go',
    file: `${CORE}/push/batch-source.ts`,
    replace: ['const withHeld = this.#asksHeld', 'const withHeld = true'],
    tests: OUTBOX_COST,
  },
  ...inFile('src/runtime/core/sync/face/queue-counter.ts', LARGE_TABLES, [
    {
      id: 'by-key-d', bug: 'a count reads every waiting edit again',
      replace: ['if (known.sizes.size !== pending) await', 'known.sizes.clear()\n      await'],
      tests: OUTBOX_COST,
    },
    {
      id: 'f51-count', bug: 'the queue is counted after every commit, and the next write waits for it',
      replace: ['if (!this.#isUrgent) await this.#pause()', ''],
    },
    {
      id: 'f51-count-b', bug: 'what this tab has written is read again to be counted',
      replace: ['for (const [id, size] of written) this.#known.sizes.set(id, size)', 'void written'],
    },
    {
      id: 'f51-count-c', bug: 'whoever waited for rest finds counts from before',
      replace: ['if (isUrgent) this.#hurry()', ''],
    },
  ]),
  {
    id: 'by-key-e', bug: 'what a transaction removes is forgotten before it has committed',
    file: `${CORE}/queue/outbox-store.ts`,
    replace: ['this.#onceCommitted(() => this.#index.remove(ids))', 'this.#index.remove(ids)'],
    tests: ['test/unit/engine/outbox-store.test.ts'],
  },
  {
    id: 'by-key-f', bug: 'another tab\'s edit that lies before an own one is passed over',
    file: `${CORE}/queue/outbox-store.ts`,
    replace: ['record.id === this.#index.last + 1', 'record.id! > this.#index.last'],
    tests: ['test/unit/engine/outbox-store.test.ts'],
  },
  {
    id: 'by-key-g', bug: 'a count is not told that a call\'s edits were taken in part',
    file: 'src/runtime/core/sync/life/status-publisher.ts',
    replace: ['void this.counter.recount({ isRewritten, isUrgent })', 'void this.counter.recount({ isUrgent })'],
    tests: OUTBOX_COST,
  },
  {
    id: 'few-rows-a', bug: 'a write counts the tombstones in the range of its keys',
    file: 'src/runtime/core/sync/capture/read-stored.ts',
    replace: [
      'return store.query({ trans, values: false, limit: 1, query }).then(({ result }) => result.length > 0)',
      'return store.count({ trans, query }).then(count => count > 0)',
    ],
    tests: ['test/unit/engine/large-tables.test.ts'],
  },
  {
    id: 'few-rows-b', bug: 'a page counts the tombstones of its table',
    file: 'src/runtime/core/sync/records/is-empty.ts',
    replace: ['(await collection.limit(1).primaryKeys()).length === 0', '(await collection.count()) === 0'],
    tests: ['test/unit/engine/large-tables.test.ts'],
  },
]
