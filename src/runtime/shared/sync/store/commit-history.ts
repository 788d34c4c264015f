import { areCommitMarks } from '../protocol/commit-marks'

/**
 * What a store remembers of a workspace's commits, so that it notices when it has been restored from a backup and written to since:
 * a device hands back the mark of the newest commit it was told of, and the store looks whether that commit is part of its own past.
 *
 * A commit is its version and its time. Times rise strictly, so no commit after a restore has the time of one before it. Commits that
 * stand close together are remembered as one stretch; all those between its ends count as known. Only a store that lost no more than
 * happened within one such stretch goes unnoticed.
 */
export type CommitHistory = readonly CommitStretch[]

export type Commit = [version: number, at: number]
export type CommitStretch = [first: Commit, last: Commit]

/** One to two kB of text. Above it the two stretches with the shortest pause between them become one. */
const MAX_STRETCHES = 64

/** `now`: epoch milliseconds at the store. */
export function addCommit(history: CommitHistory, version: number, now: number): CommitHistory {
  const at = Math.max(now, (history.at(-1)?.[1][1] ?? 0) + 1)
  const longer: CommitStretch[] = [...history, [[version, at], [version, at]]]
  return longer.length > MAX_STRETCHES ? joinClosest(longer) : longer
}

/** The mark of the newest commit; undefined: there was none. */
export function newestMark(history: CommitHistory): string | undefined {
  const last = history.at(-1)?.[1]
  return last && markOf(last)
}

/** Whether all the commits that these marks name are part of this past. */
export function knowsMarks(history: CommitHistory, marks: string): boolean {
  return areCommitMarks(marks) && marks.split(',').map(readMark).every(([version, at]) => {
    return history.some(([first, last]) => first[0] <= version && version <= last[0] && first[1] <= at && at <= last[1])
  })
}

/** Everything up to `version` in one stretch: of an erased workspace nobody learns when it was written to. */
export function blurHistory(history: CommitHistory, version: number): CommitHistory {
  return [[[0, 0], [version, (history.at(-1)?.[1][1] ?? 0) + 1]]]
}

/** Stretches with commas between, each as the mark of its only commit, or of its first and last with a dash between. */
export function encodeHistory(history: CommitHistory): string {
  return history.map(([first, last]) => first[1] === last[1] ? markOf(first) : `${markOf(first)}-${markOf(last)}`).join(',')
}

/** @param text Null or absent: a workspace from before histories were kept. */
export function decodeHistory(text: string | null | undefined): CommitHistory {
  if (!text) return []
  return text.split(',').map((stretch): CommitStretch => {
    const [first, last = first] = stretch.split('-').map(readMark)
    return [first!, last!]
  })
}

function markOf([version, at]: Commit): string {
  return `${version}.${at.toString(36)}`
}

function readMark(mark: string): Commit {
  const [version, time] = mark.split('.') as [string, string]
  return [Number(version), Number.parseInt(time, 36)]
}

function joinClosest(history: CommitStretch[]): CommitStretch[] {
  let closest = 1
  for (let index = 2; index < history.length; index++) {
    if (pauseBefore(history, index) < pauseBefore(history, closest)) closest = index
  }
  return [...history.slice(0, closest - 1), [history[closest - 1]![0], history[closest]![1]], ...history.slice(closest + 1)]
}

function pauseBefore(history: readonly CommitStretch[], index: number): number {
  return history[index]![0][1] - history[index - 1]![1][1]
}
