/** The rules of the contract that a doctored model breaks, one at a time. All are true in the model itself. */
export interface Rules {
  /** 7.2: the higher revision wins, on devices and in the store. */
  devicesCompare: boolean
  storeCompares: boolean
  /** 7.5: a push is committed as a whole. Else its ops are committed one by one, in any order with reads. */
  pushIsOneTransaction: boolean
  /** 7.6: an edit moves its record to the end of the feed. */
  editsMoveInFeed: boolean
  /** 7.8: the cursor moves with the changes. Else it moves when the page is read. */
  cursorWithChanges: boolean
  /** 7.9: a lost reply leaves the edits in the outbox. */
  keepsUnanswered: boolean
  /** 7.13: a cursor below the floor has to rescan. */
  guardsFloor: boolean
  /** 7.13: a rescan keeps rows with edits in the outbox. */
  sweepKeepsWaiting: boolean
  /** 7.14: a collected delete leaves its revision in the store. */
  collectionKeepsRevisions: boolean
  /** 7.16: the winner in a reply waits for the level step that reaches it. */
  winnersWait: boolean
  /** 7.16: the pages of a level step are applied in one transaction. */
  stepsAreWhole: boolean
  /** 7.16: batches are cut between groups. */
  groupsAreWhole: boolean
  /** 7.16: groups that share an unsent record go together. */
  sharedGoTogether: boolean
  /** 7.17: devices send in the order of their transactions. */
  sendsInOrder: boolean
  /** 7.17: `consistent` is false during a walk. */
  walkIsInconsistent: boolean
  /** 7.17: `consistent` is true again once the feed is level after a walk. Else at the walk's end. */
  consistentOnceLevel: boolean
  /** 7.17: page by page, `consistent` is false until the feed is level. */
  pagesAreInconsistent: boolean
  /** 7.8: after a walk the feed goes on below the pushes that were answered since it began. */
  resumesBelowPushes: boolean
  /** 7.8: a walk does not end while a push is under way. */
  walkAwaitsPush: boolean
  /** 7.17: after a walk, `consistent` is false until the edits from before its end are answered. */
  answersBeforeConsistent: boolean
  /** 7.13: a walk reads what has changed since it began, before rows count as gone. */
  walkReadsWhatMoved: boolean
  /** 7.13: after a restore, rows that the store lacks are queued again. */
  requeuesLost: boolean
}

export const CONTRACT_RULES: Rules = {
  devicesCompare: true, storeCompares: true, pushIsOneTransaction: true, editsMoveInFeed: true, cursorWithChanges: true, keepsUnanswered: true, guardsFloor: true,
  sweepKeepsWaiting: true, collectionKeepsRevisions: true, winnersWait: true, stepsAreWhole: true, groupsAreWhole: true, sharedGoTogether: true, sendsInOrder: true,
  walkIsInconsistent: true, consistentOnceLevel: true, pagesAreInconsistent: true, resumesBelowPushes: true, walkAwaitsPush: true, answersBeforeConsistent: true, walkReadsWhatMoved: true, requeuesLost: true,
}
