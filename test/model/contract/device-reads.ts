import { compareRevs, higher, RECORDS, type Change, type Device, type Page, type RecordIndex, type StoredRev, type Walk } from './contract-state'
import { entriesOf } from './device-edits'
import { merge, plain, reached, sendOn, type Scene } from './device-merge'

/** How often a level step may be cut off before the device goes page by page. */
const CUT_OFFS = 2

/** A page has come. */
export function takePage(scene: Scene): void {
  const { device } = scene
  const page = device.page!
  device.page = null
  if (device.walk) return takeWalkPage(scene, page)
  if (device.epoch !== null && page.epoch !== device.epoch) return beginWalk(scene, 'requeue')
  if (page.requiresRescan) return beginWalk(scene, page.latest < device.cursor ? 'requeue' : 'remove')
  const step = device.step ?? { changes: [], position: device.cursor }
  device.isByPage ??= device.cutOffs >= CUT_OFFS
  const isFirst = device.step === null
  device.step = { changes: [...step.changes, ...page.changes], position: page.nextCursor }
  if (page.hasMore && !device.isByPage) {
    if (isFirst) device.cutOffs++
    if (!scene.rules.stepsAreWhole) apply(scene, page.changes)
    return
  }
  applyStep(scene, page)
}

/** A level step, or a page alone: changes and cursor in one transaction. */
function applyStep(scene: Scene, { nextCursor, hasMore, epoch }: Page): void {
  const { device, rules, freesFirst } = scene
  const { changes } = device.step!
  device.step = null
  if (hasMore && rules.pagesAreInconsistent) device.consistent = false
  const wasAwaited = awaitsAnswers(scene)
  apply(scene, changes)
  device.cursor = Math.max(device.cursor, nextCursor)
  device.epoch = epoch
  if (!hasMore) {
    // Whether the answers that this very step brings count already is left open.
    device.consistent = !(freesFirst ? awaitsAnswers(scene) : wasAwaited)
    device.cutOffs = 0
    device.isByPage = null
  }
  reached(device, !hasMore)
}

/** Whether edits from before the end of a walk are still to be answered. */
function awaitsAnswers({ device, rules }: Scene): boolean {
  return rules.answersBeforeConsistent && device.outbox.some(({ isFromBefore }) => isFromBefore)
}

function apply(scene: Scene, changes: readonly Change[]): void {
  for (const change of changes) merge(scene, change)
}

/** A first sync or rescan begins. */
export function beginWalk({ device, rules }: Scene, sweep: Walk['sweep']): void {
  const kind = device.walk?.sweep === 'requeue' || sweep === 'requeue' ? 'requeue' : sweep
  device.walk = { sweep: kind === 'requeue' && !rules.requeuesLost ? 'remove' : kind, target: null, position: 0, epoch: null, seen: [null, null], pushed: [false, false], moved: null, isRead: false }
  device.step = device.isByPage = device.page = null
  device.acknowledged = [null, null]
  if (rules.walkIsInconsistent) device.consistent = false
}

function takeWalkPage(scene: Scene, page: Page): void {
  const { device } = scene
  const walk = device.walk!
  if (walk.moved !== null) return takeMovedPage(scene, walk, page)
  if (walk.epoch !== null && page.epoch !== walk.epoch) return beginWalk(scene, 'requeue')
  if (page.requiresRescan) return beginWalk(scene, 'remove')
  const isFirst = !walk.target
  // A walk of an empty store that was cut off begins again.
  if (!walk.target && walk.sweep === 'remove' && page.latest < device.cursor) walk.sweep = 'requeue'
  walk.target ||= page.latest
  walk.epoch ??= page.epoch
  walk.position = page.nextCursor
  applyInWalk(scene, walk, page)
  if (page.hasMore) return
  walk.isRead = isFirst || page.latest === walk.target || walk.sweep === 'none' || !scene.rules.walkReadsWhatMoved
  if (!walk.isRead) walk.moved = walk.target
  endWalk(scene)
}

/** A page of the feed since the walk began. */
function takeMovedPage(scene: Scene, walk: Walk, page: Page): void {
  if (page.epoch !== walk.epoch || page.latest < walk.moved!) return beginWalk(scene, 'requeue')
  // What has moved cannot be told from what was deleted.
  if (page.requiresRescan) return beginWalk(scene, 'remove')
  applyInWalk(scene, walk, page)
  walk.moved = page.nextCursor
  walk.isRead = !page.hasMore
  endWalk(scene)
}

function applyInWalk(scene: Scene, walk: Walk, { changes }: Page): void {
  for (const { record, rev } of changes) walk.seen[record] = higher(plain(rev), walk.seen[record])
  apply(scene, changes)
  reached(scene.device, false)
}

/** Ends a walk that has read everything, once the push that was under way then is answered (`isAnswered`: now). */
export function endWalk(scene: Scene, { isAnswered = false } = {}): void {
  const { device, rules, world } = scene
  const { walk } = device
  if (!walk?.isRead || (device.push && !isAnswered && rules.walkAwaitsPush)) return
  // The store may have been restored while the walk was cut off.
  const wasRestored = walk.sweep === 'requeue' || (device.epoch !== null && device.epoch !== walk.epoch && rules.requeuesLost)
  if (wasRestored && walk.sweep !== 'none') queueAgain(scene, walk)
  else if (walk.sweep === 'remove') sweep(scene, walk)
  device.walk = null
  device.outbox = device.outbox.map(entry => ({ ...entry, isFromBefore: true }))
  const target = walk.target!
  device.cursor = device.pushedFrom === null || !rules.resumesBelowPushes ? target : Math.max(0, Math.min(target, device.pushedFrom - 1))
  device.epoch = walk.epoch
  device.pushedFrom = null
  device.firstSyncDone = true
  if (!rules.consistentOnceLevel) device.consistent = true
  for (const record of RECORDS) noteLeftOut(device, record, world.store.rows[record])
  if (!scene.freesFirst) sendOn(scene)
  reached(device, false)
}

/** For the invariants: the walk has left out a delete. */
function noteLeftOut(device: Device, record: RecordIndex, stored: StoredRev | null): void {
  if (stored?.op === 'delete' && device.rows[record]?.op !== 'put') device.deleted[record] = plain(stored)
}

/** Removes rows that the store no longer has. */
function sweep({ device, world, rules }: Scene, { seen, pushed }: Walk): void {
  const lost: RecordIndex[] = []
  for (const record of RECORDS) {
    const row = device.rows[record]
    if (!seen[record] && !pushed[record]) device.aside[record] = null
    if (row?.op !== 'put' || pushed[record] || (entriesOf(device, record).length && rules.sweepKeepsWaiting)) continue
    if (!seen[record]) {
      device.rows[record] = null
      device.outbox = device.outbox.filter(entry => entry.record !== record)
    }
    else if (compareRevs(row, seen[record]) > 0) lost.push(record)
  }
  if (lost.length) queue(device, lost, ++world.groups)
}

/** After a restore: queues again what the store lacks, or has in a lower revision. */
function queueAgain({ device, world }: Scene, { seen }: Walk): void {
  const lost = RECORDS.filter(record => device.rows[record] && !entriesOf(device, record).length && compareRevs(device.rows[record], seen[record]) > 0)
  const isPut = (record: 0 | 1) => device.rows[record]!.op === 'put'
  queue(device, [...lost.filter(isPut), ...lost.filter(record => !isPut(record))], lost.length ? ++world.groups : world.groups)
  for (const record of RECORDS) if (!seen[record]) device.aside[record] = null
}

function queue(device: Device, records: readonly (0 | 1)[], group: number): void {
  device.outbox = [...device.outbox, ...records.map(record => ({ record, rev: device.rows[record]!, base: 'unknown' as const, group, waits: null, missedWinner: null, isFromBefore: false }))]
}
