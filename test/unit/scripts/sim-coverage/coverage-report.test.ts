import { describe, expect, it } from 'vitest'
import { chooseSeeds } from '../../../../scripts/sim-coverage/choose-seeds'
import { CoverageReport } from '../../../../scripts/sim-coverage/coverage-report'
import type { SourceBranch } from '../../../../scripts/sim-coverage/source-branches'

describe('the seeds that suffice', () => {
  it('are found by the most that each adds, and take every branch that any seed takes', () => {
    const taken = new Map([[1, [0, 1]], [2, [0, 1, 2, 3]], [3, [4, 0]], [4, [5, 6, 0]]])
    expect(chooseSeeds(taken)).toEqual([{ seed: 2, adds: 4 }, { seed: 4, adds: 2 }, { seed: 3, adds: 1 }])
  })

  it('are the first in the list among those that add as much', () => {
    expect(chooseSeeds(new Map([[7, [0]], [8, [0]]]))).toEqual([{ seed: 7, adds: 1 }])
  })

  it('are none when no seed takes a branch', () => {
    expect(chooseSeeds(new Map([[7, []]]))).toEqual([])
  })
})

describe('the report', () => {
  const branches: SourceBranch[] = [
    { kind: 'function', at: 0, file: 'a.ts', line: 1, text: 'function a() {' },
    { kind: 'no else', at: 1, file: 'a.ts', line: 2, text: 'if (b) return' },
    { kind: 'right side', at: 2, code: 'c', file: 'b.ts', line: 3, text: 'return b && c' },
  ]

  it('names each branch that no seed takes, and the share of each file', () => {
    const report = new CoverageReport(branches)
    report.add(5, [0])
    report.add(4, [0, 2])
    const lines = report.lines()
    expect(lines.slice(0, 4)).toEqual(['Branches reached:', '        1 / 2   50.0 %  a.ts', '        1 / 1  100.0 %  b.ts', '        2 / 3   66.7 %  all'])
    expect(lines).toContain('a.ts:2: if (b) return  [no else]')
    expect(lines).toContain('b.ts:3: return b && c  [right side: c; seeds 4]')
    expect(lines.filter(line => line.startsWith('a.ts:1'))).toEqual([])
    expect(lines.at(-1)).toBe('4')
  })

  it('does not depend on the order in which the seeds are played', () => {
    const [one, other] = [new CoverageReport(branches), new CoverageReport(branches)]
    for (const seed of [1, 2, 3]) one.add(seed, [0, seed % 3])
    for (const seed of [3, 1, 2]) other.add(seed, [0, seed % 3])
    expect(one.lines()).toEqual(other.lines())
  })
})
