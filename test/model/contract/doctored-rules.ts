import type { Rules } from './rules'
import type { CONTRACT_CASES, SmallCase } from './small-contract-case'

export interface DoctoredModel {
  bug: string
  breaks: keyof Rules
  within: keyof typeof CONTRACT_CASES
  /** What differs from that case. */
  but?: Partial<SmallCase>
  /** What does not hold then. */
  violates: RegExp
}

const PUTS = 'three transactions of puts'
const LOST = 'two transactions, a lost answer, a crash'
const CRASHES = 'two transactions, two crashes'
const FIRST_SYNC = 'two transactions, first syncs and GC'
const RESCAN = 'two transactions of one device, a rescan and GC'
const RESTORE = 'one transaction and a restore'

/** Models that break one rule each. Exploring them must find an invariant that does not hold. */
export const DOCTORED_MODELS: readonly DoctoredModel[] = [
  { bug: 'a winner of a reply is shown at once', breaks: 'winnersWait', within: PUTS, violates: /^7\.1[67]/ },
  { bug: 'a level step is applied in parts', breaks: 'stepsAreWhole', within: PUTS, violates: /^7\.1[67]/ },
  { bug: 'a batch is cut inside a group', breaks: 'groupsAreWhole', within: PUTS, violates: /^7\.16/ },
  { bug: 'groups that share a record are sent apart', breaks: 'sharedGoTogether', within: PUTS, but: { edits: [2, 0], crashes: 1 }, violates: /^7\.16/ },
  { bug: 'the newest edits are sent first', breaks: 'sendsInOrder', within: PUTS, violates: /^7\.1[67]/ },
  { bug: 'a push is committed op by op', breaks: 'pushIsOneTransaction', within: PUTS, violates: /^7\.16/ },
  { bug: 'the store takes what comes last', breaks: 'storeCompares', within: PUTS, violates: /^7\.2/ },
  { bug: 'a device takes what comes last', breaks: 'devicesCompare', within: PUTS, violates: /^7\.([289]|17)/ },
  { bug: 'an edit does not move its record in the feed', breaks: 'editsMoveInFeed', within: PUTS, violates: /^7\.[68]/ },
  { bug: 'the cursor moves when the page is read', breaks: 'cursorWithChanges', within: PUTS, violates: /^7\.(8|16|17)/ },
  { bug: 'a lost reply forgets the edit', breaks: 'keepsUnanswered', within: LOST, violates: /^7\.9/ },
  { bug: 'page by page, consistent stays true', breaks: 'pagesAreInconsistent', within: CRASHES, violates: /^7\.1[67]/ },
  { bug: 'consistent is told at the end of a walk', breaks: 'consistentOnceLevel', within: FIRST_SYNC, violates: /^7\.(8|16|17)/ },
  { bug: 'a walk leaves consistent true', breaks: 'walkIsInconsistent', within: RESCAN, but: { edits: [2, 1] }, violates: /^7\.1[67]/ },
  { bug: 'a cursor below the floor goes on', breaks: 'guardsFloor', within: FIRST_SYNC, but: { firstSync: false, edits: [2, 0] }, violates: /^7\.(2|8|17)/ },
  { bug: 'GC forgets the revisions of deleted records', breaks: 'collectionKeepsRevisions', within: FIRST_SYNC, but: { firstSync: false, edits: [2, 1] }, violates: /^7\.(2|9)/ },
  { bug: 'after a walk the feed goes on above what was pushed meanwhile', breaks: 'resumesBelowPushes', within: FIRST_SYNC, violates: /^7\.(2|8|17)/ },
  { bug: 'a walk ends while a push is under way', breaks: 'walkAwaitsPush', within: FIRST_SYNC, violates: /^7\.(2|8|17)/ },
  { bug: 'a rescan removes rows with unsent edits', breaks: 'sweepKeepsWaiting', within: RESCAN, but: { losses: 1 }, violates: /^7\.9/ },
  { bug: 'after a walk, consistent is true before older edits are answered', breaks: 'answersBeforeConsistent', within: RESCAN, but: { edits: [2, 1], losses: 1, collections: 0 }, violates: /^7\.1[67]/ },
  { bug: 'a walk does not read what has moved in the feed', breaks: 'walkReadsWhatMoved', within: RESCAN, but: { edits: [1, 1] }, violates: /^7\.13/ },
  { bug: 'after a restore nothing is queued again', breaks: 'requeuesLost', within: RESTORE, violates: /^7\.(2|9|13|17)/ },
]
