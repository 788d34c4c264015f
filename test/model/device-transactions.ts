import { decideEntry, decideWinner } from '#or3-sync/core/sync/decide/decide-answer'
import { OutboxView } from '#or3-sync/core/sync/queue/outbox-view'
import { RecentOpCache } from '#or3-sync/core/sync/progress/recent-op-cache'
import type { FoldedResult } from '#or3-sync/shared/sync/store/fold-output'
import { compareRevisions, type Revision } from '#or3-sync/shared/sync/protocol/revision'
import type { SyncChange } from '#or3-sync/shared/sync/protocol/types'
import { withDevice } from './device-edits'
import { issue, possibleTimes } from './hybrid-times'
import { KEY, mergeRemote, msOf, noteConflict, restamp, type Draft } from './merge-remote'
import type { DeviceState, ModelState } from './model-state'
import type { SmallCaseRules } from './small-case-rules'
import { toStoredRevision } from './to-stored-revision'

/** The answer to a push, taken in as `settlePush` has it. @returns one state for each hybrid time a re-stamp may get. */
export function settle(state: ModelState, device: DeviceState, echoes: boolean, rules: SmallCaseRules): ModelState[] {
  return transact(state, device, rules, (draft) => {
    const { op, reply } = device.attempt!
    const result = reply!
    const answer = { applied: result.applied, winner: result.winner && toStoredRevision(result.winner) }
    const decision = rules.decideAnswer({ operation: op.op, base: op.base, stamp: op.stamp }, { success: true, ...answer })
    if (decision.kind === 'taken') {
      rules.acknowledge(draft.outbox, KEY, op.stamp)
      if (echoes) rememberEcho(draft, op.stamp)
    }
    switch (decision.kind) {
      case 'raise':
        if (decideEntry('restamp', draft.outbox.answered(KEY, op.stamp.opId)) === 'restamp') restamp(draft, decision.base)
        else draft.outbox.supersede(KEY, op.stamp)
        break
      case 'taken':
      case 'lost':
        if (!decision.winner) break
        if (decideWinner(draft.outbox.answered(KEY, op.stamp.opId), true) === 'leave') draft.outbox.supersede(KEY, op.stamp)
        else mergeRemote(draft, { tableName: op.tableName, pk: op.pk, ...decision.winner })
        break
      default: throw new Error(`replies of one op leave nothing out, and refuse nothing: ${decision.kind}`)
    }
    const sent = { op: op.op, edit: op.payload ? (JSON.parse(op.payload) as { edit: string }).edit : op.stamp.opId }
    for (const replaced of replacedBy(result)) noteConflict(draft, sent, toStoredRevision(replaced))
    const { walk, pushedFrom } = draft.device
    draft.device = {
      ...draft.device,
      attempt: null,
      inDoubt: false,
      pushedFrom: walk ? Math.min(pushedFrom ?? Infinity, result.serverVersion!) : undefined,
      walk: walk && decision.kind !== 'raise' ? { ...walk, isAnswered: true } : walk,
    }
  })
}

function rememberEcho(draft: Draft, sent: Revision): void {
  const { echo } = draft.device
  draft.device = { ...draft.device, echo: echo && compareRevisions(echo, sent) > 0 ? echo : sent }
}

function replacedBy({ overwroteEarlier = [], overwrote }: FoldedResult) {
  return overwrote ? [...overwroteEarlier, overwrote] : overwroteEarlier
}

/** A feed page, with its cursor. */
export function applyPage(state: ModelState, device: DeviceState, index: number, rules: SmallCaseRules): ModelState[] {
  const page = device.pages[index]!
  return transact(state, device, rules, (draft) => {
    draft.device = { ...draft.device, pages: device.pages.filter((_, other) => other !== index) }
    applyChange(draft, page.change)
    draft.device = { ...draft.device, cursor: rules.nextCursor(device.cursor, page) }
  })
}

/** The page of a walk. */
export function applyWalk(state: ModelState, device: DeviceState, rules: SmallCaseRules): ModelState[] {
  return transact(state, device, rules, (draft) => {
    takeChange(draft, device.walk!.page!.change)
    draft.device = { ...draft.device, walk: { ...device.walk!, isApplied: true } }
  })
}

/** The echo guard is for the feed: a walk looks at everything anew. */
function applyChange(draft: Draft, change: SyncChange | null): void {
  if (change && !isEcho(draft.device, change)) takeChange(draft, change)
}

function takeChange(draft: Draft, change: SyncChange | null): void {
  if (!change) return
  draft.device = { ...draft.device, hlcMs: Math.max(draft.device.hlcMs, msOf(change.stamp)) }
  mergeRemote(draft, change)
}

/** Whether a change need not be looked at: this device has pushed it, or a later one. */
export function isEcho({ echo }: DeviceState, change: SyncChange): boolean {
  if (!echo) return false
  const cache = new RecentOpCache(() => 0)
  cache.remember('todos', 'x', echo)
  return cache.isEcho(change)
}

/** The end of a walk: what the store no longer has goes, and the feed goes on. */
export function endWalk(state: ModelState, device: DeviceState, rules: SmallCaseRules): ModelState {
  const { here, walk, outbox } = device
  const { page, sweeps, isAnswered } = walk!
  const isSwept = sweeps && here?.op === 'put'
    && rules.isMissing({ here: here.stamp, theirs: page!.change?.stamp, isWaiting: outbox.length > 0, isAnswered })
  const cursor = rules.resumeCursor(page!.target, device.pushedFrom)
  return withDevice(state, { ...device, here: isSwept ? null : here, cursor, walk: null, pushedFrom: undefined })
}

function transact(state: ModelState, device: DeviceState, rules: SmallCaseRules, change: (draft: Draft) => void): ModelState[] {
  const times = possibleTimes(state, device.hlcMs)
  const run = (ms: number) => {
    const draft: Draft = { device, outbox: new OutboxView(device.outbox), rules, restamped: [], tick: () => ms }
    change(draft)
    return { next: commit(state, draft), hasTicked: draft.restamped.length > 0 }
  }
  const first = run(times[0]!)
  return first.hasTicked ? [first.next, ...times.slice(1).map(ms => run(ms).next)] : [first.next]
}

function commit(state: ModelState, { device, outbox, restamped }: Draft): ModelState {
  const { gone, changed } = outbox.changes()
  const removed = new Set([...gone, ...changed.map(({ id }) => id!)])
  const records = [...device.outbox.filter(({ id }) => !removed.has(id!)), ...changed].sort((x, y) => x.id! - y.id!)
  let next = withDevice(state, { ...device, outbox: records, inDoubt: device.inDoubt && records.length > 0 })
  for (const { opId, edit, stamp: { clock, hlc }, ms } of restamped) {
    const edits = next.edits.map(made => made.id === edit ? { ...made, revision: { clock, hlc, opId } } : made)
    next = issue({ ...next, edits }, ms, opId)
  }
  return next
}
