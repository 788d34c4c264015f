import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideDoubtful, isDoubtful } from '#or3-sync/core/sync/decide/decide-doubtful'
import { knewRevision } from '#or3-sync/shared/sync/protocol/knew-revision'
import { compareRevisions } from '#or3-sync/shared/sync/protocol/revision'
import { anyEdit, anySetAside, anyStamp, frozen } from './any-record'

const RUNS = { numRuns: 2_000 }
const anyState = fc.record({ edit: fc.option(anyEdit, { nil: undefined }), kept: fc.option(anySetAside, { nil: undefined }), stamp: anyStamp, wasSetAside: fc.boolean() })

function always(check: (decision: ReturnType<typeof decideDoubtful>, state: typeof anyState extends fc.Arbitrary<infer T> ? T : never) => void): void {
  fc.assert(fc.property(anyState, (state) => {
    const { edit, kept, stamp, wasSetAside } = frozen(state)
    check(decideDoubtful(edit, kept, { stamp, wasSetAside }), state)
  }), RUNS)
}

describe('a change of a record whose edit may be with the store', () => {
  it.each([
    { status: 'pending', isUnanswered: true, hasAside: false, is: true },
    { status: 'pending', isUnanswered: false, hasAside: true, is: true },
    { status: 'pending', isUnanswered: false, hasAside: false, is: false },
    { status: 'held', isUnanswered: true, hasAside: true, is: false },
    { status: 'failed', isUnanswered: true, hasAside: true, is: false },
    { status: undefined, isUnanswered: true, hasAside: true, is: false },
  ] as const)('is doubtful: $is, where it is $status, unanswered: $isUnanswered, aside: $hasAside', ({ is, ...edit }) => {
    expect(isDoubtful(edit)).toBe(is)
  })

  it('waits, unless a newer one waits already', () => {
    always(({ kind }, { kept, stamp }) => {
      expect(kind).toBe(kept && compareRevisions(kept.change.stamp, stamp) > 0 ? 'ignore' : 'wait')
    })
  })

  it('is kept as lost only as long as the store has not told of it', () => {
    always((decision, { kept, stamp, wasSetAside }) => {
      if (decision.kind === 'wait') expect(decision.isLost).toBe(wasSetAside && kept?.isLost === true && compareRevisions(kept.change.stamp, stamp) === 0)
    })
  })

  it('is a conflict that we have won where it is our edit, and that knew nothing of what waited', () => {
    always((decision, { edit, kept, stamp }) => {
      if (decision.kind !== 'wait') return
      if (!edit || !kept || knewRevision(edit, kept.change.stamp)) expect(decision.conflict).toBeNull()
      else if (stamp.opId === edit.opId && edit.base === null) expect(decision.conflict).toBe('local')
    })
  })
})
