import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AnswerDecision } from '#or3-sync/core/sync/decide/decide-answer'
import { decideMerge } from '#or3-sync/core/sync/decide/decide-merge'
import type { DoubtfulDecision } from '#or3-sync/core/sync/decide/decide-doubtful'
import type { DiscardDecision, RetryDecision } from '#or3-sync/core/sync/decide/decide-refused'
import type { MergeKind } from '#or3-sync/core/sync/decide/merge-decision'
import { anyChange, anyRecord } from '../engine/decisions/any-record'

const PAGE = readFileSync(fileURLToPath(new URL('../../../docs/architecture.md', import.meta.url)), 'utf8')

/** Every kind of decision: the compiler sees to it that none is missing. */
const MERGE: Record<MergeKind, true> = {
  'ignore': true, 'set-aside': true, 'keep-beside': true, 'wait': true, 'echo': true, 'raise': true, 'stay': true, 'apply': true, 'keep-row': true,
}
const DOUBTFUL: Record<DoubtfulDecision['kind'], true> = { ignore: true, wait: true }
const ANSWER: Record<AnswerDecision['kind'], true> = { taken: true, raise: true, pull: true, lost: true, retry: true, restamp: true, refused: true }
const DISCARD: Record<DiscardDecision['kind'], true> = { 'leave-to-successor': true, 'give-up': true }
const RETRY: Record<RetryDecision['kind'], true> = { 'drop': true, 'give-way': true, 'leave-to-successor': true, 'raise': true, 'send': true }

/** The kinds that stand in the table below the line that names a function. */
function kindsOf(name: string): (string | undefined)[] {
  const [, table = ''] = PAGE.split(`(\`${name}\`)`)
  return [...table.split('\n\n')[1]!.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, kind]) => kind)
}

describe('the decisions in docs/architecture.md', () => {
  it.each(Object.entries({ decideMerge: MERGE, decideDoubtful: DOUBTFUL, decideAnswer: ANSWER, decideDiscard: DISCARD, decideRetry: RETRY }))('%s: each kind has a line', (name, kinds) => {
    expect(kindsOf(name).sort()).toEqual(Object.keys(kinds).sort())
  })

  it('each kind of merge occurs', () => {
    const meetings = fc.sample(fc.tuple(anyRecord, anyChange), { numRuns: 5_000, seed: 1 })
    expect([...new Set(meetings.map(([here, change]) => decideMerge(here, change).kind))].sort()).toEqual(Object.keys(MERGE).sort())
  })
})
