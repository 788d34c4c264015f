import { compareRevs, DEVICES, known, RECORDS, type Device, type DeviceIndex, type Edit, type RecordIndex, type Rev, type World } from './contract-state'
import { entriesOf } from './device-edits'

/** The store's epoch until it is restored. */
const FIRST_EPOCH = 1

/** What must hold in every state. @returns what does not, or null. */
export function checkWorld(world: World): string | null {
  return checkStore(world) ?? checkEdits(world) ?? first(DEVICES, index => checkCursor(world, index) ?? (world.devices[index].consistent ? checkConsistent(world, index) : null))
}

/** What must hold of every transition. 7.13: a rescan removes only what the store does not have, or did not have for a while. */
export function checkChange(before: World, { devices, store, commits }: World): string | null {
  return first(DEVICES, index => first(RECORDS, (record) => {
    const row = before.devices[index].rows[record]
    if (row?.op !== 'put' || devices[index].rows[record] || store.rows[record]?.op !== 'put') return null
    const wasDeleted = commits.some(commit => commit.record === record && commit.rev.op === 'delete' && compareRevs(commit.rev, row) > 0)
    return wasDeleted ? null : `7.13 ${nameOf(index)} removes ${show(record, row)}, although the store has ${show(record, store.rows[record])}`
  }))
}

/** What must hold once nothing is left to do. */
export function checkRest({ devices, store, edits }: World): string | null {
  return first(DEVICES, index => first(RECORDS, (record) => {
    const { rows, outbox, consistent } = devices[index]
    if (outbox.length) return `7.9 ${nameOf(index)} rests with edits in its outbox`
    if (!consistent) return `7.17 ${nameOf(index)} rests and is not consistent`
    const [here, there] = [rows[record], store.rows[record]]
    const same = there?.op === 'put' ? compareRevs(here, there) === 0 : here?.op !== 'put'
    return same ? null : `7.2 convergence: ${nameOf(index)} has ${show(record, here)}, the store has ${show(record, there)}`
  })) ?? first(edits, ({ record, rev }) => compareRevs(store.rows[record], rev) >= 0 ? null : `7.9 ${show(record, rev)} is lost`)
}

/** 7.2, 7.5 and 7.6: versions rise by one, and the store has the highest revision of each record at its latest version. */
function checkStore({ store, commits }: World): string | null {
  return first(commits, ({ version }, index) => version === index + 1 ? null : `7.5 version ${version} is number ${index + 1}`)
    ?? first(RECORDS, (record) => {
      const all = commits.filter(commit => commit.record === record)
      const latest = all.at(-1)
      const row = store.rows[record]
      if (latest && !all.every(({ rev }) => compareRevs(latest.rev, rev) >= 0)) return `7.2 the store replaced a revision of ${'ab'[record]} by a lower one`
      if (latest && row && row.version !== latest.version) return `7.6 ${'ab'[record]} stands at version ${row.version} of the feed, and was written at ${latest.version}`
      return null
    })
}

/** 7.9: an edit is in the store, beaten there, or still to be sent. After a restore, whoever has it queues it again. */
function checkEdits({ edits, store, devices }: World): string | null {
  return first(edits, ({ record, rev, device, isExcepted }) => {
    if (isExcepted || compareRevs(store.rows[record], rev) >= 0) return null
    if (store.epoch > FIRST_EPOCH && devices.some(other => compareRevs(known(other, record), rev) >= 0)) return null
    return entriesOf(devices[device], record).some(entry => compareRevs(entry.rev, rev) >= 0) ? null : `7.9 ${show(record, rev)} is neither in the store nor in the outbox of ${nameOf(device)}`
  })
}

/**
 * 7.8: what the cursor has passed is here, or waits for the answer to a push. A change that was replaced at a version above the cursor is not in the
 * feed any more. A walk leaves deletes out: an edit that waits here is answered with the delete that beat it.
 */
function checkCursor({ commits, devices, store }: World, index: DeviceIndex): string | null {
  const device = devices[index]
  if (device.epoch !== store.epoch) return null
  return first(RECORDS, (record) => {
    const latest = commits.findLast(commit => commit.record === record)
    if (!latest || latest.version > device.cursor || compareRevs(known(device, record), latest.rev) >= 0 || device.aside[record]) return null
    if (latest.rev.op === 'delete' && entriesOf(device, record).length) return null
    return `7.8 the cursor of ${nameOf(index)} has passed version ${latest.version}, and ${show(record, latest.rev)} is not there`
  })
}

/** 7.16 and 7.17, in every state of a device that says it is consistent: every state may be read. */
function checkConsistent(world: World, index: DeviceIndex): string | null {
  return checkShown(world, index) ?? checkCut(world, index) ?? (isRestoring(world) ? null : checkGroups(world, index) ?? checkCauses(world, index))
}

/** After a restore the promises hold again once everything is queued and sent. */
function isRestoring({ devices, store }: World): boolean {
  return store.epoch > FIRST_EPOCH && devices.some(device => device.epoch !== store.epoch || device.walk?.sweep === 'requeue' || RECORDS.some(record => isRequeued(device, record)))
}

/** 7.17, monotonic reads and read your writes: no record falls below what was shown before. */
function checkShown({ devices }: World, index: DeviceIndex): string | null {
  const device = devices[index]
  return first(RECORDS, record => compareRevs(known(device, record), device.shown[record]) >= 0
    ? null
    : `7.17 monotonic reads: ${nameOf(index)} has shown ${show(record, device.shown[record])} and has ${show(record, known(device, record))}`)
}

/** 7.17: the edits of others are the store at one commit. The commit is that of the cursor. */
function checkCut({ commits, devices, store, edits }: World, index: DeviceIndex): string | null {
  const device = devices[index]
  if (device.epoch !== store.epoch) return null
  const upTo = commits.filter(({ version }) => version <= device.cursor)
  if (upTo.length && !upTo.at(-1)!.endsPush) return `7.16 ${nameOf(index)} is consistent in the middle of a push`
  return first(RECORDS, (record) => {
    const there = upTo.findLast(commit => commit.record === record)?.rev ?? null
    const here = known(device, record)
    if (device.aside[record] || compareRevs(here, there) === 0) return null
    const isOwn = compareRevs(here, there) > 0 && edits.some(({ rev, device: author, isExcepted: isLost }) => (author === index || isLost) && rev.hlc === here?.hlc)
    return isOwn || isRequeued(device, record) ? null : `7.17 ${nameOf(index)} is consistent and has ${show(record, here)}, but the store had ${show(record, there)} at version ${device.cursor}`
  })
}

function isRequeued(device: Device, record: RecordIndex): boolean {
  return entriesOf(device, record).some(({ base }) => base === 'unknown')
}

/** 7.16: no record in its revision of a group while another record of the group stands below its own. */
function checkGroups({ edits, devices }: World, index: DeviceIndex): string | null {
  const device = devices[index]
  return first(edits, (edit) => {
    if (edit.isExcepted || device.rows[edit.record]?.hlc !== edit.rev.hlc) return null
    return first(edits, other => other.group === edit.group && isMissing(device, other)
      ? `7.16 fractured read: ${nameOf(index)} has ${show(edit.record, edit.rev)}, but ${show(other.record, known(device, other.record))} instead of ${show(other.record, other.rev)}`
      : null)
  })
}

function isMissing(device: Device, { record, rev, isExcepted }: Edit): boolean {
  return !isExcepted && !device.aside[record] && compareRevs(known(device, record), rev) < 0
}

/** 7.17: an edit of the other device is not shown without what that device had shown before. */
function checkCauses({ edits, devices }: World, index: DeviceIndex): string | null {
  const device = devices[index]
  return first(edits, ({ record, rev, device: author, before, isExcepted: isLost }) => {
    if (author === index || isLost || device.rows[record]?.hlc !== rev.hlc) return null
    return first(RECORDS, (cause) => {
      const seen = before[cause]
      if (device.aside[cause] || compareRevs(known(device, cause), seen) >= 0 || isExceptedRev(edits, seen!)) return null
      return `7.17 causes before effects: ${nameOf(index)} has ${show(record, rev)}, but ${show(cause, known(device, cause))} instead of ${show(cause, seen)}`
    })
  })
}

function isExceptedRev(edits: readonly Edit[], rev: Rev): boolean {
  return edits.every(edit => edit.rev.hlc !== rev.hlc || edit.isExcepted)
}

const nameOf = (index: DeviceIndex): string => `device ${index + 1}`

export function show(record: RecordIndex, rev: Rev | null): string {
  return `${'ab'[record]}${rev ? `@${rev.clock}#${rev.edit}${rev.op === 'delete' ? ' deleted' : ''}` : ' absent'}`
}

function first<T>(items: readonly T[], check: (item: T, index: number) => string | null): string | null {
  for (let index = 0; index < items.length; index++) {
    const problem = check(items[index]!, index)
    if (problem) return problem
  }
  return null
}
