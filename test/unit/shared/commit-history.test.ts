import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { areCommitMarks } from '#or3-sync/shared/sync/protocol/commit-marks'
import { addCommit, blurHistory, decodeHistory, encodeHistory, knowsMarks, newestMark, type CommitHistory } from '#or3-sync/shared/sync/store/commit-history'

const START = 1_760_000_000_000

/** A history with the mark of each of its commits. */
function grow(history: CommitHistory, commits: readonly { at: number, versions: number }[], from = 0) {
  const marks: string[] = []
  let version = from
  let grown = history
  for (const { at, versions } of commits) {
    grown = decodeHistory(encodeHistory(addCommit(grown, version += versions, START + at)))
    marks.push(newestMark(grown)!)
  }
  return { history: grown, marks, version }
}

const commits = fc.array(fc.record({ at: fc.integer({ min: 0, max: 1_000_000 }), versions: fc.integer({ min: 1, max: 500 }) }), { minLength: 1, maxLength: 200 })
  .map(list => list.sort((a, b) => a.at - b.at))

describe('the history of a workspace\'s commits', () => {
  it('knows every commit it has seen, however many, and stays small', () => {
    fc.assert(fc.property(commits, (list) => {
      const { history, marks } = grow([], list)
      expect(marks.every(mark => areCommitMarks(mark) && knowsMarks(history, mark))).toBe(true)
      expect(new Set(marks).size).toBe(marks.length)
      expect(encodeHistory(history).length).toBeLessThan(3_000)
    }))
  })

  it('F68: does not know what came after the backup it was restored from', () => {
    fc.assert(fc.property(commits, fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 20 }), (list, lost) => {
      const backup = grow([], list)
      const pause = 2_000_000
      const before = grow(backup.history, lost.map((versions, index) => ({ at: pause + index * 10, versions })), backup.version)
      const restored = grow(backup.history, Array.from({ length: 30 }, (_, index) => ({ at: 2 * pause + index * 10, versions: 100 })), backup.version)
      expect(before.marks.some(mark => knowsMarks(restored.history, mark))).toBe(false)
      expect(backup.marks.every(mark => knowsMarks(restored.history, mark))).toBe(true)
    }))
  })

  it('gives commits of one millisecond, and of a clock set back, times that rise', () => {
    const { marks, history } = grow([], [{ at: 5, versions: 1 }, { at: 5, versions: 1 }, { at: 0, versions: 1 }])
    expect(new Set(marks.map(mark => mark.split('.')[1])).size).toBe(3)
    expect(marks.map(mark => mark.split('.')[0])).toEqual(['1', '2', '3'])
    expect(knowsMarks(history, marks[2]!)).toBe(true)
  })

  it('forgets when an erased workspace was written to, and knows all its marks', () => {
    const { history, marks, version } = grow([], [{ at: 5, versions: 1 }, { at: 500, versions: 2 }])
    const blurred = blurHistory(history, version + 1)
    expect(marks.every(mark => knowsMarks(blurred, mark))).toBe(true)
    expect(encodeHistory(blurred)).not.toContain((START + 5).toString(36))
  })

  it('knows nothing where nobody has written, and takes nothing for a mark that is none', () => {
    expect(knowsMarks([], '1.abc')).toBe(false)
    expect(knowsMarks(grow([], [{ at: 5, versions: 1 }]).history, `${grow([], [{ at: 5, versions: 1 }]).marks[0]},1.abc`)).toBe(false)
    expect(newestMark([])).toBeUndefined()
    expect(decodeHistory(null)).toEqual([])
    for (const text of ['', '1', '1.', '.a', '1.A', '-1.a', '1.5.6', ' 1.a', '1.a,', ',1.a', Array(9).fill('1.a').join(','), 7, null]) expect(areCommitMarks(text), String(text)).toBe(false)
  })
})
