import { inFile } from './in-file.ts'
import type { Mutant } from './mutant.ts'

const FOLD_TESTS = ['test/unit/server/fold-push.test.ts', 'test/unit/server/backends.test.ts']
const SERVICE_TESTS = ['test/unit/server/service.test.ts']
const SUBSCRIPTION_TESTS = ['test/unit/engine/convex-subscription.test.ts']

/** Bugs by which a transaction of the app would be stored in part, or shown in part by a store's pages. */
export const WHOLE_BATCHES: readonly Mutant[] = [
  ...inFile('src/runtime/shared/sync/store/plan-push.ts', FOLD_TESTS, [
    {
      id: 'skew-of-one', bug: 'of a batch with one op that is too far ahead, the others are stored',
      replace: ['refuseSkewed(input, steps, aheadMs), version: input.version, writes: []', 'refuseSkewed(input, steps, aheadMs), version: planner.version, writes: [...planner.writes.values()]'],
    },
    {
      id: 'skew-of-losers', bug: 'an op that is too far ahead does not hold up its batch if it would have lost',
      replace: ['step.kind === \'apply\' || step.kind === \'lose\' ?', 'step.kind === \'apply\' ?'],
    },
    {
      id: 'skew-forgets', bug: 'beside an op that is too far ahead, an edit that is stored already is refused',
      replace: ['return stored.known(item) ?? refuse(', 'return refuse('],
    },
    {
      id: 'skew-hides', bug: 'beside an op that is too far ahead, an invalid op is refused for the clock as well, and is sent again for ever',
      replace: ['if (step.kind === \'refuse\') return { ...step, stored: current }', 'if (step.kind === \'repeat\') return { ...step, current }'],
    },
    {
      id: 'skew-of-stored', bug: 'a repeated op that was too far ahead when it was stored holds up its batch',
      replace: ['compareRevisions(op.stamp, stored.stamp) === 0 ? 0 : ahead', 'stored.op === \'delete\' ? 0 : ahead'],
    },
  ]),
  {
    id: 'skew-of-requeued', bug: 'an edit queued again after a restore is stamped anew, because another edit of its batch was too far ahead',
    file: 'src/runtime/core/sync/decide/decide-answer.ts',
    replace: ['if (base === undefined) return { kind: \'retry\' }', 'void base'],
    tests: ['test/unit/engine/decisions/decide-answer.test.ts'],
  },
  ...inFile('server/lib/service/push-batch.ts', SERVICE_TESTS, [
    {
      id: 'above-the-limit', bug: 'a store is given more ops than it takes in one transaction',
      replace: ['if (ops > limits.ops)', 'if (ops > 1_000)'],
    },
    {
      id: 'above-the-limit-b', bug: 'a store is given more bytes than it takes in one transaction',
      replace: ['if (ops > 1 && bytes > limits.bytes)', 'if (ops > 1_000 && bytes > limits.bytes)'],
    },
  ]),
  {
    id: 'limits-untold', bug: 'devices are told the default limits, whatever the store takes',
    file: 'server/lib/routes/session.ts',
    replace: ['pushLimits(context.options.backend)', 'pushLimits({})'],
    tests: ['test/unit/server/gateway.test.ts'],
  },
  {
    id: 'limits-untold-b', bug: 'the limits of the app\'s own store do not reach the gateway',
    file: 'server/lib/backends/guard-backend.ts',
    replace: ['limits: backend.limits,', ''],
    tests: ['test/unit/server/gateway.test.ts'],
  },
  ...inFile('server/lib/stream/workspace-feed.ts', ['test/unit/server/workspace-feed.test.ts'], [
    {
      id: 'older-page', bug: 'a reader is given a kept page that is older than the pages it has: what moved between them is in none',
      replace: ['if (page.page.latestVersion >= seen) return page', 'void seen\n    return page'],
    },
    {
      id: 'older-page-b', bug: 'only the later pages of a stream are checked for their age, not its first',
      replace: ['place.seen ?? await this.backend.latestVersion(this.workspaceId)', 'place.seen ?? 0'],
    },
  ]),
  {
    id: 'end-untold', bug: 'a stream that said that more follows does not say that nothing more came',
    file: 'server/lib/stream/stream-changes.ts',
    replace: [' || page.epoch !== epoch || hasMore)', ' || page.epoch !== epoch)'],
    tests: ['test/unit/server/stream-steps.test.ts'],
  },
  {
    id: 'end-untold-b', bug: 'polls that said that more follows do not say that nothing more came',
    file: 'src/runtime/core/sync/transport/gateway/feed/polled-feed.ts',
    replace: [' || page.nextCursor !== position || hasMore', ' || page.nextCursor !== position'],
    tests: ['test/unit/engine/polled-feed.test.ts'],
  },
  ...inFile('src/runtime/core/sync/transport/convex/convex-subscription.ts', SUBSCRIPTION_TESTS, [
    {
      id: 'own-end', bug: 'on Convex, nothing seems to follow the own edits, although others have written since',
      replace: ['hasMore: own < Math.max(latestVersion, this.#seen)', 'hasMore: own < this.#seen'],
    },
    {
      id: 'own-end-b', bug: 'on Convex, nothing seems to follow the own edits, although a page before was read at a later version',
      replace: ['hasMore: own < Math.max(latestVersion, this.#seen)', 'hasMore: own < latestVersion'],
    },
    {
      id: 'end-untold-c', bug: 'a subscription on Convex that said that more follows stops at the version that is watched',
      replace: ['latestVersion === from && !this.#hasMore) return', 'latestVersion === from) return'],
    },
    {
      id: 'end-untold-d', bug: 'a subscription on Convex that said that more follows keeps the empty last page back',
      replace: ['if (page.nextCursor <= from && (page.hasMore || !this.#hasMore)) return', 'if (page.nextCursor <= from) return'],
    },
  ]),
  ...inFile('server/lib/backends/sqlite/sqlite-page.ts', ['test/unit/server/backends.test.ts'], [
    {
      id: 'level-too-early', bug: 'a page that ended for its size says that nothing follows',
      replace: ['size, request)) return { rows, lookedAt, hasMore: true }', 'size, request)) return { rows, lookedAt, hasMore: rows.length >= request.limit }'],
    },
  ]),
]
