import type { Mutant } from './mutant.ts'

/** Pitfalls 35 and 36: the work grows with the stored data instead of with the changes. The tests count operations and never measure time. */
export const SLOW: readonly Mutant[] = [
  {
    id: 'pitfall-35', bug: 'a bulk write is captured row by row, as Dexie\'s hooks do',
    file: 'src/runtime/core/sync/records/outbox-records.ts',
    replace: ['start += PUSH_MAX_OPS) {', 'start += 1) {'],
    also: [{ replace: ['sent.slice(start, start + PUSH_MAX_OPS)', 'sent.slice(start, start + 1)'] }],
    tests: ['test/unit/engine/hook-bridge.test.ts'],
  },
  {
    id: 'pitfall-36', bug: 'the whole queue is rewritten at each save',
    file: 'src/runtime/core/sync/queue/outbox-view.ts',
    replace: ['[...this.#added].filter(', '[...this.#added, ...this.records].filter('],
    tests: ['test/unit/engine/pitfalls-queue.test.ts'],
  },
  {
    id: 'pitfall-36b', bug: 'every acknowledgement locks the app\'s tables',
    file: 'src/runtime/core/sync/push/settle-push.ts',
    replace: ['const tables = quiet ? ENGINE_SCOPE :', 'const tables = !quiet ? ENGINE_SCOPE :'],
    tests: ['test/unit/engine/pitfalls-queue.test.ts'],
  },
]
