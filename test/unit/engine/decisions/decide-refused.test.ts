import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newestBeside, remoteBeside } from '#or3-sync/core/sync/decide/beside-refused'
import { decideDiscard, decideRetry, type RefusedToDiscard, type RefusedToRetry } from '#or3-sync/core/sync/decide/decide-refused'
import { compareRevisions } from '#or3-sync/shared/sync/protocol/revision'
import { isUpgradedRevision } from '#or3-sync/shared/sync/protocol/upgraded-stamp'
import { anyEdit, anyFailure, anyRevision, frozen } from './any-record'

const RUNS = { numRuns: 2_000 }
const anyRefused = fc.record({ edit: anyEdit, requeued: fc.constantFrom(true, undefined), failure: fc.option(anyFailure, { nil: undefined }) })
  .map(({ edit: { clock, hlc, opId, base }, requeued, failure }) => ({ edit: { clock, hlc, opId, base, ...(requeued ? { requeued } : {}) }, failure }))
const anyRow = fc.option(fc.record({ isPrivate: fc.boolean(), isOnlyHere: fc.boolean() }), { nil: undefined })

const toDiscard: fc.Arbitrary<RefusedToDiscard> = fc.record({ refused: anyRefused, hasSuccessor: fc.boolean(), row: anyRow }).map(({ refused, ...here }) => ({ ...refused, ...here }))
const toRetry: fc.Arbitrary<RefusedToRetry> = fc
  .record({ refused: anyRefused, isNewest: fc.boolean(), successor: fc.constantFrom('pending', 'held', undefined), turnedPrivate: fc.boolean() })
  .map(({ refused, ...here }) => ({ ...refused, ...here }))

const besideOf = ({ failure }: Pick<RefusedToDiscard, 'failure'>) => failure && remoteBeside(failure)

describe('a refused edit that is discarded', () => {
  const always = (check: (decision: ReturnType<typeof decideDiscard>, state: RefusedToDiscard) => void) =>
    fc.assert(fc.property(toDiscard, state => check(decideDiscard(frozen(state)), state)), RUNS)

  it('hands what the store has to its successor, or puts it in its place', () => {
    always((decision, state) => {
      expect(decision.kind).toBe(state.hasSuccessor ? 'leave-to-successor' : 'give-up')
      expect(decision.remote).toEqual(besideOf(state))
    })
  })

  it('takes no row with it that nobody else has', () => {
    always((decision, { row }) => {
      if (decision.kind !== 'give-up') return
      const isOurs = row !== undefined && (row.isPrivate || row.isOnlyHere)
      expect(decision.row).toBe(row && !isOurs ? 'goes' : 'stays')
      if (decision.tombstone === 'given-up') expect(isOurs).toBe(true)
    })
  })

  it('has the table fetched again where the store may have what this device has not seen', () => {
    always((decision, state) => {
      if (decision.kind !== 'give-up') return
      expect(decision.isOnItsWay).toBe(['READ_ONLY', 'UNAUTHORIZED'].includes(state.failure?.code ?? ''))
      expect(decision.isFetched).toBe(decision.isOnItsWay || (!besideOf(state) && (state.edit.base !== null || state.edit.clock > 1)))
    })
  })
})

describe('a refused edit that is tried again', () => {
  const always = (check: (decision: ReturnType<typeof decideRetry>, state: RefusedToRetry) => void) =>
    fc.assert(fc.property(toRetry, state => check(decideRetry(frozen(state)), state)), RUNS)

  it('goes where an upgrade has made its row private, and else waits or is held with its successor', () => {
    always((decision, { turnedPrivate, successor }) => {
      expect(decision.kind === 'drop').toBe(turnedPrivate)
      if (decision.kind !== 'drop') expect(decision.status).toBe(successor === 'held' ? 'held' : 'pending')
    })
  })

  it('rises above what came meanwhile, unless it is nobody\'s new edit or there is a newer one', () => {
    always((decision, { edit, failure, isNewest, turnedPrivate }) => {
      const isOvertaken = failure?.remote !== undefined && compareRevisions(failure.remote.stamp, edit) > 0
      const isNobodys = edit.requeued === true || isUpgradedRevision(edit)
      if (decision.kind === 'raise') {
        expect(isNewest && !(isOvertaken && isNobodys)).toBe(true)
        expect(decision.clock).toBeGreaterThan(Math.max(edit.clock, failure?.remote?.stamp.clock ?? 0))
      }
      if (decision.kind === 'give-way') expect([isOvertaken, isNobodys]).toEqual([true, true])
      if (isOvertaken && !isNobodys && isNewest && !turnedPrivate) expect(decision.kind).toBe('raise')
    })
  })

  it('does not lose what stands beside it', () => {
    always((decision, state) => {
      if (decision.kind === 'give-way' || decision.kind === 'leave-to-successor') expect(decision.remote).toEqual(besideOf(state))
      else if (decision.kind === 'send' && state.failure?.remote) expect(compareRevisions(state.failure.remote.stamp, state.edit)).toBeLessThanOrEqual(0)
    })
  })
})

it('of two revisions the newest stands beside a refused edit', () => {
  const maybe = fc.option(anyRevision, { nil: undefined })
  fc.assert(fc.property(maybe, maybe, (first, second) => {
    const newest = newestBeside(frozen(first), frozen(second))
    expect([first, second]).toContain(newest)
    for (const one of [first, second]) if (one) expect(compareRevisions(newest!.stamp, one.stamp)).toBeGreaterThanOrEqual(0)
    if (first && second && compareRevisions(first.stamp, second.stamp) === 0) expect(newest).toBe(first)
  }))
})
