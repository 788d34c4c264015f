import { RECORDS, type Device, type DeviceIndex, type Edit, type Entry, type RecordIndex, type Rev, type World } from './contract-state'
import type { Rules } from './rules'

export interface Write {
  record: RecordIndex
  op: 'put' | 'delete'
}

/** One transaction of the app. Rows and outbox entries commit together (7.1). Changes `world`. */
export function writeHere(world: World, index: DeviceIndex, writes: readonly Write[]): void {
  const device = world.devices[index]
  const before: Edit['before'] = [...device.rows]
  const group = ++world.groups
  for (const { record, op } of writes) {
    const stored = device.rows[record]
    const hlc = ++world.stamps
    const rev: Rev = { clock: (stored?.clock ?? 0) + 1, hlc, op, edit: hlc }
    device.rows[record] = rev
    device.outbox = [...device.outbox, { record, rev, base: stored ? 'known' : 'nothing', group, waits: null, missedWinner: null, isFromBefore: false }]
    world.edits = [...world.edits, { record, rev, device: index, group, before, isExcepted: false }]
  }
  world.left.edits[index]--
}

/** The edits of a record in the outbox, oldest first. */
export function entriesOf({ outbox }: Device, record: RecordIndex): Entry[] {
  return outbox.filter(entry => entry.record === record)
}

/** What the edits of a record together were made upon. A revision that was queued again has no base. Then that of the first real edit counts. */
export function baseOf(entries: readonly Entry[]): Entry['base'] {
  return entries[0]?.base === 'unknown' ? entries.find(({ base }) => base !== 'unknown')?.base ?? 'unknown' : entries[0]!.base
}

/** Sends the next batch, if nothing is under way and anything is due. `batchOps`: where a batch may be cut (`SmallCase.batches`). Changes `device`. */
export function send(device: Device, batches: 'groups' | 'all', rules: Rules): void {
  if (!device.isOn || device.isPaused || device.push) return
  const due = RECORDS.filter(record => isDue(entriesOf(device, record)))
  if (!due.length) return
  const chosen = choose(device, due, batches, rules)
  const ops = chosen.map((record) => {
    const entries = entriesOf(device, record)
    return { record, rev: entries.at(-1)!.rev, base: baseOf(entries) }
  })
  device.push = { ops, more: due.length > chosen.length, answers: null }
}

/** A record is sent in its newest state. That may have to wait. */
export function isDue(entries: readonly Entry[]): boolean {
  return entries.length > 0 && !entries.at(-1)!.waits
}

/** The records of the next batch, in the order of their first edits. */
function choose({ outbox }: Device, due: readonly RecordIndex[], batches: 'groups' | 'all', rules: Rules): RecordIndex[] {
  const inOrder = [...new Set(outbox.map(({ record }) => record))].filter(record => due.includes(record))
  if (!rules.sendsInOrder) return [outbox.findLast(({ record }) => due.includes(record))!.record]
  if (!rules.groupsAreWhole) return inOrder.slice(0, 1)
  if (!rules.sharedGoTogether) return newestOfFirstGroup(outbox, due)
  return batches === 'all' ? inOrder : firstCluster(outbox, inOrder)
}

/** Rule 7.16: whole groups. Those that share an unsent record go together, with all groups in between, because groups go in their order. */
function firstCluster(outbox: readonly Entry[], due: readonly RecordIndex[]): RecordIndex[] {
  const taken = new Set<RecordIndex>()
  let reach = -1
  for (const [index, { record, group }] of outbox.entries()) {
    const beginsGroup = index > 0 && outbox[index - 1]!.group !== group
    if (beginsGroup && index > reach && taken.size) break
    reach = Math.max(reach, outbox.findLastIndex(entry => entry.record === record))
    if (due.includes(record)) taken.add(record)
  }
  return [...taken]
}

/** Against the rule: each group alone, without the records that a later group has as well. */
function newestOfFirstGroup(outbox: readonly Entry[], due: readonly RecordIndex[]): RecordIndex[] {
  const last = (record: RecordIndex) => outbox.findLast(entry => entry.record === record)!.group
  const first = Math.min(...due.map(last))
  return due.filter(record => last(record) === first)
}

/** The edit gets a revision above `above` (7.4: a create that lost to an older delete). It is a new edit then. Changes `world`. */
export function stampAnew(world: World, device: Device, entry: Entry, above: Rev): void {
  const rev: Rev = { ...entry.rev, clock: above.clock + 1, hlc: ++world.stamps }
  device.rows[entry.record] = rev
  device.outbox = device.outbox.map(other => other === entry ? { ...entry, rev, base: 'known', waits: null, missedWinner: null } : other)
  world.edits = world.edits.map(edit => edit.rev.hlc === entry.rev.hlc ? { ...edit, rev, isExcepted: true } : edit)
}
