import { describe, expect, it, vi } from 'vitest'
import { conflictChoice } from '#or3-sync/components/parts/conflict-choice'
import type { ConflictRecord, ConflictSide } from '#or3-sync/core/sync/records/engine-records'

const side = (title: string | null): ConflictSide => ({ op: title === null ? 'delete' : 'put', row: title === null ? undefined : { id: '1', title }, clock: 1, hlc: 'h', opId: 'o' })
const conflict = (winner: ConflictRecord['winner'], sides: Partial<ConflictRecord> = {}): ConflictRecord => ({ id: 'c', tableName: 'todos', pk: '1', winner, local: side('mine'), remote: side('theirs'), detectedAt: 1, ...sides })

describe('what can be done about a conflict', () => {
  it.each([
    ['local', 'keepMine', 'dismiss'],
    ['local', 'keepTheirs', 'restore'],
    ['remote', 'keepMine', 'restore'],
    ['remote', 'keepTheirs', 'dismiss'],
  ] as const)('where %s has won, %s is %s', async (winner, choice, does) => {
    const actions = { restore: vi.fn(() => Promise.resolve()), dismiss: vi.fn(() => Promise.resolve()) }
    await conflictChoice(conflict(winner), actions)[choice]()
    expect(actions[does]).toHaveBeenCalledExactlyOnceWith('c')
    expect(actions[does === 'dismiss' ? 'restore' : 'dismiss']).not.toHaveBeenCalled()
  })

  it('both sides can be kept, also a delete, but no loser whose row did not come', () => {
    const actions = { restore: vi.fn(), dismiss: vi.fn() }
    const keeps = (record: ConflictRecord) => {
      const { canKeepMine, canKeepTheirs } = conflictChoice(record, actions)
      return [canKeepMine, canKeepTheirs]
    }
    expect(keeps(conflict('local'))).toEqual([true, true])
    expect(keeps(conflict('local', { remote: side(null) }))).toEqual([true, true])
    expect(keeps(conflict('local', { remote: { ...side('theirs'), row: undefined } }))).toEqual([true, false])
    expect(keeps(conflict('remote', { remote: { ...side('theirs'), row: undefined } }))).toEqual([true, true])
    expect(keeps(conflict('remote', { local: { ...side('mine'), row: undefined } }))).toEqual([false, true])
  })
})
