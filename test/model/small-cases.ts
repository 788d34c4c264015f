import type { SmallCaseOptions } from './transitions'

const PLAIN: SmallCaseOptions = { edits: 2, pages: 1, firstSync: false, collects: false, rescans: false, echoes: true, strays: false }

/** Explored by every `npm test`. */
export const SMALL_CASES = {
  'three edits, lost replies and crashes': { ...PLAIN, edits: 3, echoes: false },
  'two edits, stray requests and GC': { ...PLAIN, strays: true, collects: true },
  'two edits, first syncs and GC': { ...PLAIN, firstSync: true, collects: true },
  'two edits, rescans at any time': { ...PLAIN, rescans: true },
  'two edits, live pages in any order and GC': { ...PLAIN, pages: 2, collects: true },
} satisfies Record<string, SmallCaseOptions>

/** Minutes: explored where `OR3_SMALL_CASE=all` is set. */
export const LARGER_CASES = {
  'three edits, lost replies, crashes and the echo guard': { ...PLAIN, edits: 3 },
  'three edits, stray requests and GC': { ...PLAIN, edits: 3, strays: true, collects: true },
  'three edits, first syncs': { ...PLAIN, edits: 3, firstSync: true },
  'two edits, all of it': { edits: 2, pages: 2, firstSync: true, collects: true, rescans: true, echoes: true, strays: true },
} satisfies Record<string, SmallCaseOptions>
