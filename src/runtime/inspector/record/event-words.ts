import type { SyncActions } from '../../core/sync/context/sync-hooks'
import type { SyncOperation } from '../../shared/sync/protocol/types'

/** An event in words. */
export interface EventFacts {
  words: string
  /** Whether somebody should look at it. */
  isProblem?: boolean
}

/** What the log of events keeps of a payload. No row: rows may be large, and nobody's business. */
type Details<K extends keyof SyncActions> = Omit<SyncActions[K], 'scope' | 'op' | 'error' | 'pk' | 'local' | 'remote'> & {
  /** Of the error. */
  message: string
  /** Of a captured write. */
  operation: SyncOperation
  clock: number
}

type Describe = { [K in keyof SyncActions]: (details: Details<K>) => EventFacts }

/** One line for each action of the engine. The type makes sure that none is missing. */
export const DESCRIBE_EVENT: Describe = {
  'sync.op:action:captured': ({ operation, clock }) => ({ words: `${operation} captured, clock ${clock}` }),
  'sync.capture:action:failed': ({ message }) => ({ words: `write rejected: ${message}`, isProblem: true }),
  'sync.push:action:before': ({ count }) => ({ words: `sending ${edits(count)}` }),
  'sync.push:action:after': ({ successCount, failCount }) => ({ words: `answered: ${successCount} taken, ${failCount} not`, isProblem: failCount > 0 }),
  'sync.push:action:split': ({ ops, parts }) => ({ words: `a transaction of ${edits(ops)} is sent in ${parts} parts` }),
  'sync.retry:action': ({ attempt, nextAttemptAt }) => ({ words: `attempt ${attempt} failed, next at ${clockTime(nextAttemptAt)}`, isProblem: true }),
  'sync.queue:action:full': ({ pendingCount }) => ({ words: `${edits(pendingCount)} wait`, isProblem: true }),
  'sync.error:action': ({ message, code, permanent }) => ({ words: `${permanent ? 'refused' : 'failed'} (${code}): ${message}`, isProblem: true }),
  'sync.pull:action:received': ({ changeCount }) => ({ words: `${changes(changeCount)} arrived` }),
  'sync.pull:action:applied': ({ applied, skipped, conflicts }) => ({ words: `${applied} applied, ${skipped} skipped, ${conflicts} in conflict`, isProblem: conflicts > 0 }),
  'sync.pull:action:error': ({ message }) => ({ words: message, isProblem: true }),
  'sync.conflict:action:detected': ({ winner }) => ({ words: `conflict: the ${winner} version won`, isProblem: true }),
  'sync.bootstrap:action:start': () => ({ words: 'first sync began' }),
  'sync.bootstrap:action:progress': ({ pulledCount, hasMore }) => ({ words: `${changes(pulledCount)} fetched${hasMore ? ', more to come' : ''}` }),
  'sync.bootstrap:action:complete': ({ totalPulled, elapsedMs }) => ({ words: `first sync complete: ${changes(totalPulled)} in ${elapsedMs} ms` }),
  'sync.bootstrap:action:error': ({ message }) => ({ words: message, isProblem: true }),
  'sync.rescan:action:starting': ({ reason }) => ({ words: `fetching everything again: ${reason}` }),
  'sync.rescan:action:progress': ({ progress }) => ({ words: `${Math.round(progress * 100)} %` }),
  'sync.rescan:action:completed': () => ({ words: 'rescan complete' }),
  'sync.subscription:action:statusChange': ({ previousStatus, status }) => ({ words: `from ${previousStatus} to ${status}`, isProblem: status === 'error' }),
  'sync.subscription:action:maxRetriesExceeded': ({ attempts }) => ({ words: `${attempts} failures in a row; it goes on trying`, isProblem: true }),
  'sync.gc:action:completed': ({ tombstones, conflicts }) => ({ words: `cleared: ${tombstones} tombstones, ${conflicts} conflicts` }),
}

const edits = (count: number) => `${count} ${count === 1 ? 'edit' : 'edits'}`
const changes = (count: number) => `${count} ${count === 1 ? 'change' : 'changes'}`
const clockTime = (at: number) => new Date(at).toLocaleTimeString('en-GB')
