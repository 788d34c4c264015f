import { areCommitMarks } from '../protocol/commit-marks'

/**
 * When the commits of a workspace were made. With it a store notices that it was restored from a backup, even if others have written
 * since: a device sends the mark of the newest commit it knows of, and the store checks that this commit is in its history.
 *
 * A commit is identified by its version and its time. Times always rise, so a commit after a restore never has the time of an earlier one.
 * To stay small, the history joins commits that are close in time into one stretch, and every commit within a stretch counts as known.
 * So a restore goes unnoticed only if everything that was lost lay within one stretch.
 */
export type CommitHistory = readonly CommitStretch[]

export type Commit = [version: number, at: number]
export type CommitStretch = [first: Commit, last: Commit]

/** One to two kB of text. When there are more, the two stretches with the shortest pause between them are joined. */
const MAX_STRETCHES = 64

/** `now`: epoch milliseconds at the store. */
export function addCommit(history: CommitHistory, version: number, now: number): CommitHistory {
  const at = Math.max(now, (history.at(-1)?.[1][1] ?? 0) + 1)
  const longer: CommitStretch[] = [...history, [[version, at], [version, at]]]
  return longer.length > MAX_STRETCHES ? joinClosest(longer) : longer
}

/** The mark of the newest commit, or undefined if there was none. */
export function newestMark(history: CommitHistory): string | undefined {
  const last = history.at(-1)?.[1]
  return last && markOf(last)
}

/** Whether the history has all the commits that these marks name. */
export function knowsMarks(history: CommitHistory, marks: string): boolean {
  return areCommitMarks(marks) && marks.split(',').map(readMark).every(([version, at]) => {
    return history.some(([first, last]) => first[0] <= version && version <= last[0] && first[1] <= at && at <= last[1])
  })
}

/** The history of an erased workspace: one stretch up to `version`, so that it no longer says when the workspace was written to. */
export function blurHistory(history: CommitHistory, version: number): CommitHistory {
  return [[[0, 0], [version, (history.at(-1)?.[1][1] ?? 0) + 1]]]
}

/** The stretches as text, separated by commas. Each is `mark` (one commit) or `mark-mark` (its first and last commit). */
export function encodeHistory(history: CommitHistory): string {
  return history.map(([first, last]) => first[1] === last[1] ? markOf(first) : `${markOf(first)}-${markOf(last)}`).join(',')
}

/** @param text Null or absent: the workspace is from before the store kept histories. */
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
