import type { OutboxView } from '#or3-sync/core/sync/queue/outbox-view'
import { decideAnswer } from '#or3-sync/core/sync/decide/decide-answer'
import { decideMerge } from '#or3-sync/core/sync/decide/decide-merge'
import { isMissing } from '#or3-sync/core/sync/rows/is-missing'
import { resumeCursor } from '#or3-sync/core/sync/progress/resume-cursor'
import { foldPush } from '#or3-sync/shared/sync/store/fold-push'
import { nextClock, type Revision } from '#or3-sync/shared/sync/protocol/revision'
import type { BaseRevision } from '#or3-sync/shared/sync/protocol/types'

/** The rules under test: the engine's and the store's own functions, and the few lines around them that a bug could change. */
export interface SmallCaseRules {
  foldPush: typeof foldPush
  nextClock: typeof nextClock
  decideMerge: typeof decideMerge
  decideAnswer: typeof decideAnswer
  isMissing: typeof isMissing
  resumeCursor: typeof resumeCursor
  /** What an acknowledgement takes out of the queue. */
  acknowledge: (outbox: OutboxView, key: string, sent: Revision) => void
  /** A remote revision lost to an unsent edit: the push must not report it again. */
  noteKnown: (outbox: OutboxView, key: string, base: BaseRevision) => void
  /** Whether a page waits until the fate of own pushes is known. */
  waitsForFate: boolean
  /** Whether the end of a walk waits for the push under way. */
  walkWaits: boolean
  /** Whether the cursor is stored before its page is applied. */
  movesBeforeApply: boolean
  /** Where the cursor stands after a page. */
  nextCursor: (cursor: number, page: { from: number, nextCursor: number }) => number
  /** Whether GC keeps the revision of what it takes out of the feed. */
  keepsRevisions: boolean
  /** Whether a pull from below the GC floor is sent to rescan. */
  guardsFloor: boolean
}

export const REAL_RULES: SmallCaseRules = {
  foldPush,
  nextClock,
  decideMerge,
  decideAnswer,
  isMissing,
  resumeCursor,
  acknowledge: (outbox, key, sent) => { outbox.removeUpTo(key, sent) },
  noteKnown: (outbox, key, base) => outbox.rebase(key, base),
  waitsForFate: true,
  walkWaits: true,
  movesBeforeApply: false,
  nextCursor: (cursor, page) => page.from <= cursor ? Math.max(cursor, page.nextCursor) : cursor,
  keepsRevisions: true,
  guardsFloor: true,
}
