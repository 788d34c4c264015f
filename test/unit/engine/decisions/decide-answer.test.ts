import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideAnswer, decideEntry, decideLoser, decideWinner, type Answer, type SentEdit } from '#or3-sync/core/sync/decide/decide-answer'
import { isUpgradedRevision } from '#or3-sync/shared/sync/protocol/upgraded-stamp'
import { ALL_CODES, anyEdit, anyRevision, frozen } from './any-record'

const RUNS = { numRuns: 2_000 }
const NEVER_TAKEN = ['VALIDATION_ERROR', 'OVERSIZED', 'CONFLICT', 'NOT_FOUND', 'READ_ONLY']

const anySent: fc.Arbitrary<SentEdit> = anyEdit.map(({ op: operation, base, clock, hlc }) => ({ operation, base, stamp: { clock, hlc } }))
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })

const anyAnswer: fc.Arbitrary<Answer> = fc.record({
  success: fc.boolean(),
  applied: maybe(fc.boolean()),
  winner: maybe(anyRevision),
  overwrote: maybe(anyRevision),
  overwroteEarlier: maybe(fc.array(anyRevision, { maxLength: 2 })),
  errorCode: maybe(fc.constantFrom(...ALL_CODES)),
  current: maybe(anyRevision),
  isFinal: maybe(fc.boolean()),
})
const anyEntry = fc.record({ isThere: fc.boolean(), isNewest: fc.boolean(), hasSuccessor: fc.boolean() })

function always(check: (decision: ReturnType<typeof decideAnswer>, sent: SentEdit, answer: Answer) => void): void {
  fc.assert(fc.property(anySent, anyAnswer, (sent, answer) => check(decideAnswer(frozen(sent), frozen(answer)), sent, answer)), RUNS)
}

describe('an answer that meets an edit', () => {
  it('takes the edit for stored unless it says otherwise', () => {
    always(({ kind }, _, { success, applied, winner }) => {
      expect(kind === 'taken').toBe(success && (applied !== false || !winner))
    })
  })

  it('tells of everything that the edit has replaced, whatever became of the edit', () => {
    always((decision, _, { success, overwrote, overwroteEarlier = [] }) => {
      if (success) expect(decision).toMatchObject({ overwritten: [...overwroteEarlier, ...overwrote ? [overwrote] : []] })
      else expect(decision).not.toHaveProperty('overwritten')
    })
  })

  it('lets an edit lose only to something that it shows', () => {
    always((decision, _, { winner }) => {
      if (decision.kind === 'lost') expect(decision.winner.op === 'delete' || decision.winner.payload !== undefined).toBe(true)
      if (decision.kind === 'pull') expect([winner?.op, winner?.payload]).toEqual(['put', undefined])
    })
  })

  it('gives an edit up only for a refusal that it would meet for ever', () => {
    always(({ kind }, _, { success, errorCode, isFinal }) => {
      if (!success) expect(kind === 'refused').toBe(isFinal === true || NEVER_TAKEN.includes(errorCode ?? ''))
    })
  })

  it('stamps an edit anew above what it met, and never what an upgrade made or what was queued again after a restore', () => {
    always((decision, { operation, base, stamp }, { winner, current }) => {
      if (decision.kind === 'raise') {
        expect([operation, base, winner?.op]).toEqual(['put', null, 'delete'])
        expect(decision).toMatchObject({ clock: winner!.stamp.clock + 1, base: { clock: winner!.stamp.clock, hlc: winner!.stamp.hlc } })
      }
      if (decision.kind !== 'restamp') return
      expect(isUpgradedRevision(stamp)).toBe(false)
      expect(base).not.toBe(undefined)
      expect(decision.clock).toBe(Math.max(stamp.clock, current?.stamp.clock ?? 0) + 1)
    })
  })
})

describe('an edit that was answered', () => {
  it('is changed only where it is still the newest of its record: else its successor is what counts', () => {
    fc.assert(fc.property(fc.constantFrom('taken', 'refused', 'restamp'), anyEntry, (answer, entry) => {
      const fate = decideEntry(answer, frozen(entry))
      if (answer === 'taken') expect(fate).toBe(entry.isThere ? 'remove' : 'unawaited')
      else expect(fate).toBe(!entry.isNewest ? 'supersede' : answer === 'refused' ? 'fail' : 'restamp')
    }))
  })

  it('leaves its winner to a successor, and is tried again where the winner could not be applied', () => {
    fc.assert(fc.property(anyEntry, (entry) => {
      for (const isReached of [true, false]) expect(decideWinner(frozen(entry), isReached)).toBe(entry.hasSuccessor ? 'leave' : isReached ? 'meet' : 'await')
      expect(decideLoser(frozen(entry))).toBe(entry.isNewest ? 'retry' : 'settled')
    }))
  })
})
