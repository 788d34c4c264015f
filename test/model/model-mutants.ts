import { REAL_RULES, type SmallCaseRules } from './small-case-rules'
import type { SMALL_CASES } from './small-cases'

export interface ModelMutant {
  bug: string
  rules: Partial<SmallCaseRules>
  /** Where it must be found. */
  within: keyof typeof SMALL_CASES
  /** What does not hold then. */
  breaks: RegExp
}

const { foldPush, decideMerge, isMissing, decideAnswer } = REAL_RULES
const EVERYWHERE = 'three edits, lost replies and crashes'

/** Rules with a bug in them. The model must find each. */
export const MODEL_MUTANTS: readonly ModelMutant[] = [
  {
    bug: 'the store does not look at the base of an edit',
    rules: { foldPush: input => foldPush({ ...input, items: input.items.map(item => ({ ...item, base: undefined })) }) },
    within: EVERYWHERE, breaks: /^\(a\) .* is lost/,
  },
  {
    bug: 'the store forgets what it answered',
    rules: { foldPush: input => foldPush({ ...input, remembered: new Map() }) },
    within: EVERYWHERE, breaks: /never was|is lost|two devices/,
  },
  {
    bug: 'a device compares only the clock',
    rules: {
      decideMerge: (here, change) => {
        const { clock, hlc = '', op_id: opId = '' } = here.row ?? here.tombstone ?? {}
        return decideMerge(here, clock === change.stamp.clock ? { ...change, stamp: { ...change.stamp, hlc, opId } } : change)
      },
    },
    within: EVERYWHERE, breaks: /^\([abd]\)/,
  },
  {
    bug: 'an acknowledgement removes a newer edit of the record',
    rules: { acknowledge: (outbox, key) => { outbox.removeAll(key) } },
    within: EVERYWHERE, breaks: /^\(a\) .* is neither in the store nor waiting/,
  },
  {
    bug: 'the loser of a push is taken for acknowledged',
    rules: { decideAnswer: (op, answer) => decideAnswer(op, { ...answer, applied: true }) },
    within: EVERYWHERE, breaks: /^\(a\) .* is lost/,
  },
  {
    bug: 'a page does not wait for the answer to a push of its record',
    rules: { waitsForFate: false },
    within: EVERYWHERE, breaks: /never was|two devices/,
  },
  {
    bug: 'a device forgets its tombstones',
    rules: { decideMerge: (here, change) => decideMerge({ ...here, tombstone: undefined }, change) },
    within: EVERYWHERE, breaks: /^\(c\)/,
  },
  {
    bug: 'the cursor moves before its page is applied',
    rules: { movesBeforeApply: true },
    within: EVERYWHERE, breaks: /^\(d\)/,
  },
  {
    bug: 'GC takes the revision of a deleted record with it',
    rules: { keepsRevisions: false },
    within: 'two edits, stray requests and GC', breaks: /^\([ac]\)/,
  },
  {
    bug: 'a cursor below the GC floor goes on',
    rules: { guardsFloor: false },
    within: 'two edits, stray requests and GC', breaks: /^\([bd]\)/,
  },
  {
    bug: 'a rescan removes rows whose edits are waiting',
    rules: { isMissing: record => isMissing({ ...record, isWaiting: false }) },
    within: 'two edits, rescans at any time', breaks: /^\(c\)|not here/,
  },
  {
    bug: 'a rescan removes rows that were answered for since it began',
    rules: { isMissing: record => isMissing({ ...record, isAnswered: false }) },
    within: 'two edits, rescans at any time', breaks: /^\(c\)/,
  },
  {
    bug: 'a rescan removes nothing',
    rules: { isMissing: () => false },
    within: 'two edits, stray requests and GC', breaks: /^\([bd]\)/,
  },
  {
    bug: 'after a first sync the feed goes on above what was pushed meanwhile',
    rules: { resumeCursor: target => target },
    within: 'two edits, first syncs and GC', breaks: /^\([bd]\)/,
  },
  {
    bug: 'a first sync ends while a push is under way',
    rules: { walkWaits: false },
    within: 'two edits, first syncs and GC', breaks: /^\([bd]\)/,
  },
  {
    bug: 'an acknowledgement removes nothing',
    rules: { acknowledge: () => {} },
    within: 'two edits, stray requests and GC', breaks: /^\(g\)|two devices/,
  },
]
