import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const GATEWAY = ['test/unit/server/changed-listener.test.ts']
const QUEUE = ['test/unit/server/change-queue.test.ts']
const NITRO = ['test/unit/server/nitro-changed.test.ts']

/** The hook `or3-sync:changed`: what it tells, in which order, and whom it may not disturb. */
export const CHANGED_HOOK: readonly Mutant[] = [
  ...inFile('src/runtime/shared/sync/store/record-row.ts', GATEWAY, [
    {
      id: 'changed-previous', bug: 'a row that comes back after a delete is told to have replaced a row',
      replace: ['return row?.op === \'put\' ?', 'return row ?'],
    },
  ]),
  ...inFile('server/lib/changes/applied-rows.ts', GATEWAY, [
    {
      id: 'changed-repeats', bug: 'an edit that is sent a second time is told a second time',
      replace: ['!applied || replayed ||', '!applied ||'],
    },
    {
      id: 'changed-once', bug: 'the changes of a batch stand in the order of the records\' first ops, with the wrong previous revisions',
      replace: ['rows.delete(key)', ''],
    },
  ]),
  ...inFile('server/lib/changes/to-changed-info.ts', GATEWAY, [
    {
      id: 'changed-names', bug: 'a renamed table is told by its name on the wire',
      replace: ['table: table.name', 'table: table.wireName'],
    },
  ]),
  ...inFile('server/lib/changes/workspace-changes.ts', QUEUE, [
    {
      id: 'changed-at-once', bug: 'a listener of one commit is called while that of the commit before is still at work',
      replace: ['await inTime(told, { ms: PATIENCE_MS, timers, late: onSlow })', 'void inTime(told, { ms: PATIENCE_MS, timers, late: onSlow })'],
    },
    {
      id: 'changed-hangs', bug: 'a listener that does not end stops the hook for ever',
      replace: ['await inTime(told, { ms: PATIENCE_MS, timers, late: onSlow })', 'await told'],
    },
    {
      id: 'changed-order', bug: 'commits are told in the order of the answers, while a listener is at work',
      replace: ['while (place > 0 && firstVersion(this.#waiting[place - 1]!.commit) > version) place--', ''],
    },
    {
      id: 'changed-order-b', bug: 'a commit is told although an earlier one may still be on its way',
      replace: ['return oldest === undefined || oldest > ticket', 'return oldest === undefined || ticket > 0'],
    },
    {
      id: 'changed-order-c', bug: 'a commit that must be the next waits for pushes that come after it',
      replace: ['if (this.#told !== undefined && firstVersion(commit) === this.#told + 1) return true', ''],
    },
    {
      id: 'changed-waits', bug: 'a push that is never answered stops the hook for ever',
      replace: ['this.#underWay.clear()', ''],
    },
    {
      id: 'changed-sync', bug: 'a listener runs before the answer to the push is sent',
      replace: ['setImmediate(() => {', 'queueMicrotask(() => {'],
    },
  ]),
  ...inFile('server/lib/changes/change-queue.ts', QUEUE, [
    {
      id: 'changed-bound', bug: 'any number of commits waits in memory for a slow listener',
      replace: ['if (workspace.count > MAX_COMMITS)', 'if (workspace.count > 10 * MAX_COMMITS)'],
    },
    {
      id: 'changed-bound-b', bug: 'large commits that wait fill the memory',
      replace: ['this.#length += length', ''],
    },
    {
      id: 'changed-unheard', bug: 'commits are kept and decoded although nobody listens',
      replace: ['if (applied.rows.length === 0 || !this.#isHeard()) return undefined', 'if (applied.rows.length === 0) return undefined'],
    },
    {
      id: 'changed-fails', bug: 'an error of a listener stops the hook',
      replace: ['try { await this.options.tell(applied) }', 'if (applied.rows.length > 0) await this.options.tell(applied)\n    try { this.#slow.warn.bind(this) }'],
      tests: GATEWAY,
    },
  ]),
  {
    id: 'changed-order-d', bug: 'the hook does not know which pushes are under way',
    file: 'server/lib/backends/guard-backend.ts',
    replace: ['const end = begin?.(workspaceId)', 'const end = begin && workspaceId ? () => {} : undefined'],
    tests: GATEWAY,
  },
  ...inFile('server/lib/context/gateway-context.ts', GATEWAY, [
    {
      id: 'changed-drain', bug: 'a server that stops does not wait until its listeners have been told of its commits',
      replace: ['begin: () => this.requests.begin(),', 'begin: () => () => {},'],
    },
  ]),
  {
    id: 'changed-host', bug: 'a host that stops after the answer is not asked to wait for the listeners',
    file: 'server/lib/routes/push.ts',
    replace: ['keepRunning(event, pushed.told)', ''],
    tests: GATEWAY,
  },
  ...inFile('server/nitro/tell-changed.ts', NITRO, [
    {
      id: 'changed-nitro', bug: 'listeners share the rows: what one changes, the others see',
      replace: ['structuredClone(changed) as unknown as AppChanged', 'changed as unknown as AppChanged'],
    },
    {
      id: 'changed-nitro-b', bug: 'a listener that fails keeps the others from being called',
      replace: ['try { await listener(copy) }\n    catch (error) { stderrLogger', 'await listener(copy)\n    try { void 0 }\n    catch (error) { stderrLogger'],
    },
  ]),
]
