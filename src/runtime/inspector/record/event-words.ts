import type { SyncActions } from '../../core/sync/context/sync-hooks'

/** What the timeline keeps of an event. No row and no payload: rows may be large, and nobody's business. */
export interface EventFacts {
  words: string
  tableName?: string
  pk?: string
  /** Whether somebody should look at it. */
  isProblem?: boolean
}

type Describe = { [K in keyof SyncActions]: (payload: SyncActions[K]) => EventFacts }

/** One line for each action of the engine. The type makes sure that none is missing. */
export const DESCRIBE_EVENT: Describe = {
  'sync.op:action:captured': ({ op }) => ({ ...recordOf(op), words: `${op.operation} captured, clock ${op.stamp.clock}` }),
  'sync.capture:action:failed': ({ tableName, pk, error }) => ({ tableName, ...(pk === null ? {} : { pk }), words: `write rejected: ${error.message}`, isProblem: true }),
  'sync.push:action:before': ({ count }) => ({ words: `sending ${edits(count)}` }),
  'sync.push:action:after': ({ successCount, failCount }) => ({ words: `answered: ${successCount} taken, ${failCount} not`, isProblem: failCount > 0 }),
  'sync.push:action:split': ({ ops, parts }) => ({ words: `a transaction of ${edits(ops)} is sent in ${parts} parts` }),
  'sync.retry:action': ({ op, attempt, nextAttemptAt }) => ({ ...recordOf(op), words: `attempt ${attempt} failed, next at ${clockTime(nextAttemptAt)}`, isProblem: true }),
  'sync.queue:action:full': ({ pendingCount }) => ({ words: `${edits(pendingCount)} wait`, isProblem: true }),
  'sync.error:action': ({ op, error, code, permanent }) => ({ ...op && recordOf(op), words: `${permanent ? 'refused' : 'failed'} (${code}): ${error.message}`, isProblem: true }),
  'sync.pull:action:received': ({ changeCount }) => ({ words: `${changes(changeCount)} arrived` }),
  'sync.pull:action:applied': ({ applied, skipped, conflicts }) => ({ words: `${applied} applied, ${skipped} skipped, ${conflicts} in conflict`, isProblem: conflicts > 0 }),
  'sync.pull:action:error': ({ error }) => ({ words: error.message, isProblem: true }),
  'sync.conflict:action:detected': ({ tableName, pk, winner }) => ({ tableName, pk, words: `conflict: the ${winner} version won`, isProblem: true }),
  'sync.bootstrap:action:start': () => ({ words: 'first sync began' }),
  'sync.bootstrap:action:progress': ({ pulledCount, hasMore }) => ({ words: `${changes(pulledCount)} fetched${hasMore ? ', more to come' : ''}` }),
  'sync.bootstrap:action:complete': ({ totalPulled, elapsedMs }) => ({ words: `first sync complete: ${changes(totalPulled)} in ${elapsedMs} ms` }),
  'sync.bootstrap:action:error': ({ error }) => ({ words: error.message, isProblem: true }),
  'sync.rescan:action:starting': ({ reason }) => ({ words: `fetching everything again: ${reason}` }),
  'sync.rescan:action:progress': ({ progress }) => ({ words: `${Math.round(progress * 100)} %` }),
  'sync.rescan:action:completed': () => ({ words: 'rescan complete' }),
  'sync.subscription:action:statusChange': ({ previousStatus, status }) => ({ words: `from ${previousStatus} to ${status}`, isProblem: status === 'error' }),
  'sync.subscription:action:maxRetriesExceeded': ({ attempts }) => ({ words: `${attempts} failures in a row; it goes on trying`, isProblem: true }),
  'sync.gc:action:completed': counts => ({ words: Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(', ') || 'nothing to clear' }),
}

function recordOf({ tableName, pk }: { tableName: string, pk: string }): Pick<EventFacts, 'tableName' | 'pk'> {
  return { tableName, pk }
}

const edits = (count: number) => `${count} ${count === 1 ? 'edit' : 'edits'}`
const changes = (count: number) => `${count} ${count === 1 ? 'change' : 'changes'}`
const clockTime = (at: number) => new Date(at).toLocaleTimeString('en-GB')
