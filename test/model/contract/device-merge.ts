import { compareRevs, higher, RECORDS, type Answer, type Change, type Device, type RecordIndex, type Rev, type StoredRev, type World } from './contract-state'
import { baseOf, entriesOf, isDue, send, stampAnew } from './device-edits'
import type { SmallCase } from './small-contract-case'
import type { Rules } from './rules'

/** What every change of a device needs: the world that it is part of, the case and its rules. */
export interface Scene {
  world: World
  device: Device
  rules: Rules
  batches: SmallCase['batches']
  /** See `outcomes`. */
  freesFirst: boolean
}

/** Whether the store may have an edit of the record that still waits here. */
function isOpen({ isUnsure, uncertain, push, outbox }: Device, record: RecordIndex): boolean {
  if (!outbox.some(entry => entry.record === record)) return false
  return isUnsure || uncertain[record] || push?.ops.some(op => op.record === record) === true
}

/** Merges a change by its revision. While the answer to a push of the record is out, the change waits aside (7.10). */
export function merge(scene: Scene, { record, rev }: Change): void {
  const { device } = scene
  if (!device.walk && isEcho(scene, { record, rev })) return
  if (!isOpen(device, record)) return mergeNow(scene, { record, rev })
  if (compareRevs(device.aside[record], rev) <= 0) device.aside[record] = rev
}

/** An acknowledged edit of this device comes back with the feed. In a walk it counts all the same. */
function isEcho({ world, device }: Scene, { record, rev }: Change): boolean {
  return compareRevs(rev, device.acknowledged[record]) <= 0 && world.edits.some(edit => edit.rev.hlc === rev.hlc && world.devices[edit.device] === device)
}

function mergeNow({ world, device, rules }: Scene, { record, rev }: Change): void {
  const entries = entriesOf(device, record)
  const row = device.rows[record]
  const order = rules.devicesCompare ? compareRevs(rev, row) : 1
  if (compareRevs(device.aside[record], rev) <= 0) device.aside[record] = null
  if (order < 0) {
    // The edit that stays knows the change from now on.
    if (entries.length && compareRevs(rev, entries[0]!.rev) !== 0) rebase(device, entries[0]!)
  }
  else if (order > 0 && entries.length && isUnknowingCreate(baseOf(entries), entries.at(-1)!.rev, rev)) stampAnew(world, device, entries.at(-1)!, rev)
  else {
    device.rows[record] = plain(rev)
    device.outbox = device.outbox.filter(entry => entry.record !== record)
  }
}

function rebase(device: Device, first: Device['outbox'][number]): void {
  device.outbox = device.outbox.map(entry => entry === first ? { ...entry, base: 'known' } : entry)
}

/** Rule 7.4: a create that loses to an older delete it could not know. */
function isUnknowingCreate(base: string, edit: Rev, other: Rev): boolean {
  return base === 'nothing' && edit.op === 'put' && other.op === 'delete' && edit.hlc > other.hlc
}

export function plain({ clock, hlc, op, edit }: Rev): Rev {
  return { clock, hlc, op, edit }
}

/** The answers to the push have come. They are stored in one transaction. */
export function settle(scene: Scene): void {
  const { device } = scene
  const { ops, answers, more } = device.push!
  device.push = null
  const winners: Change[] = []
  for (const [index, op] of ops.entries()) {
    const answer = answers![index]!
    noteAnswer(device, op.record, answer)
    if (answer.applied && holds(device, op)) device.acknowledged[op.record] = higher(op.rev, device.acknowledged[op.record])
    if (answer.applied) device.outbox = device.outbox.filter(entry => entry.record !== op.record || compareRevs(entry.rev, op.rev) > 0 || !holds(device, op))
    if (answer.winner) winners.push(...meetWinner(scene, op, answer.winner, answer.applied))
  }
  for (const op of ops) device.uncertain[op.record] = false
  if (!more) device.isUnsure = false
  for (const winner of winners) mergeNow(scene, winner)
}

function holds({ outbox }: Device, { record, rev }: { record: RecordIndex, rev: Rev }): boolean {
  return outbox.some(entry => entry.record === record && entry.rev.hlc === rev.hlc)
}

/** A walk leaves deletes out, so the feed has to go on from below what was answered meanwhile. */
function noteAnswer(device: Device, record: RecordIndex, { version }: Answer): void {
  if (device.walk) device.walk.pushed[record] = true
  if (device.walk || !device.firstSyncDone) device.pushedFrom = Math.min(device.pushedFrom ?? Infinity, version)
}

/** What becomes of an edit that lost, and its winner. @returns the winner if it is merged now. */
function meetWinner({ world, device, rules, freesFirst }: Scene, op: { record: RecordIndex, rev: Rev, base: string }, winner: StoredRev, wasApplied: boolean): Change[] {
  const { record, rev } = op
  const entry = device.outbox.find(other => other.record === record && other.rev.hlc === rev.hlc)
  const newest = entriesOf(device, record).at(-1)
  if (!wasApplied && isUnknowingCreate(op.base as 'nothing', rev, winner)) {
    if (entry && entry === newest) stampAnew(world, device, entry, winner)
    else supersede(device, record, rev)
    return []
  }
  // The record was edited again. The answer to that edit brings the winner once more.
  if (newest && newest.rev.hlc !== rev.hlc) {
    supersede(device, record, rev)
    return []
  }
  if (winner.version <= device.cursor || entry?.missedWinner === winner.hlc || !rules.winnersWait) return [{ record, rev: winner }]
  const skipsPull = !freesFirst || device.page !== null || device.step !== null || device.isByPage !== null
  if (entry) device.outbox = device.outbox.map(other => other === entry ? { ...entry, waits: { version: winner.version, winner: winner.hlc, skipsPull } } : other)
  return []
}

/** The edit leaves the outbox, with older ones. The next one takes over what they were made upon. */
function supersede(device: Device, record: RecordIndex, rev: Rev): void {
  const entries = entriesOf(device, record)
  if (!holds(device, { record, rev })) return
  const base = baseOf(entries)
  const left = entries.filter(entry => compareRevs(entry.rev, rev) > 0)
  device.outbox = device.outbox.flatMap((entry) => {
    if (entry.record !== record) return [entry]
    if (!left.includes(entry)) return []
    return entry === left[0] ? [{ ...entry, base }] : [entry]
  })
}

/** Changes that waited for an answer are merged, unless another one is still out. */
export function retryAside(scene: Scene): void {
  const { device } = scene
  for (const record of RECORDS) {
    const waiting = device.aside[record]
    if (!waiting || isOpen(device, record)) continue
    device.aside[record] = null
    mergeNow(scene, { record, rev: waiting })
  }
}

/** Everything up to the cursor is applied. Edits whose winner has been reached wait no longer. */
export function reached(device: Device, isLevel: boolean): void {
  device.outbox = device.outbox.map((entry) => {
    if (!entry.waits) return entry
    if (entry.waits.version <= device.cursor) return { ...entry, waits: null }
    if (!isLevel) return entry
    return entry.waits.skipsPull ? { ...entry, waits: { ...entry.waits, skipsPull: false } } : { ...entry, waits: null, missedWinner: entry.waits.winner }
  })
}

/** Sends what is due. When nothing is left to be sent, no edit is in doubt any more. */
export function sendOn(scene: Scene): void {
  const { device, batches, rules } = scene
  if (!device.isOn || device.isPaused || device.push) return
  if (!RECORDS.some(record => isDue(entriesOf(device, record)))) {
    if (!device.outbox.length) {
      device.isUnsure = false
      device.uncertain = [false, false]
    }
    retryAside(scene)
  }
  send(device, batches, rules)
}
