import type { Profiler } from 'node:inspector'
import type { BranchPlace } from './branches-of-code.ts'

type Range = Profiler.CoverageRange

/**
 * Which of the branches were taken, by V8's precise block coverage of one script.
 *
 * @returns their indexes, rising.
 * @throws Error when a function that ran has no counts for its blocks, because it was compiled before the counting began.
 */
export function takenBranches(branches: readonly BranchPlace[], functions: readonly Profiler.FunctionCoverage[]): number[] {
  const counts = countsAt(branches.flatMap(({ at, of }) => of === undefined ? [at] : [at, of]), functions)
  return branches.flatMap(({ at, of }, index) => (of === undefined ? counts.get(at)! > 0 : counts.get(of)! > counts.get(at)!) ? [index] : [])
}

/** How often the code at each offset ran: the count of the innermost range that holds it. V8 leaves out a block that ran as often as the one around it. */
function countsAt(offsets: readonly number[], functions: readonly Profiler.FunctionCoverage[]): Map<number, number> {
  const uncounted = new Set(functions.filter(({ isBlockCoverage, ranges }) => !isBlockCoverage && ranges[0]!.count > 0).map(({ ranges }) => ranges[0]!))
  const ranges = functions.flatMap(each => each.ranges).sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset)
  const counts = new Map<number, number>()
  const open: Range[] = []
  let next = 0
  for (const offset of [...new Set(offsets)].sort((a, b) => a - b)) {
    for (; next < ranges.length && ranges[next]!.startOffset <= offset; next++) {
      closeBefore(open, ranges[next]!.startOffset)
      open.push(ranges[next]!)
    }
    closeBefore(open, offset)
    const innermost = open.at(-1)
    if (innermost && uncounted.has(innermost)) throw new Error(`the function at ${innermost.startOffset} ran, but its blocks were not counted`)
    counts.set(offset, innermost?.count ?? 0)
  }
  return counts
}

function closeBefore(open: Range[], offset: number): void {
  while (open.length && open.at(-1)!.endOffset <= offset) open.pop()
}
