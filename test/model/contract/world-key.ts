import { compareRevs, DEVICES, known, RECORDS, type Change, type Device, type DeviceIndex, type Edit, type Page, type Rev, type World } from './contract-state'

/**
 * The same text for worlds from which the same follows: worlds that differ only in the names of the devices, or in what nobody can see or be told
 * any more.
 */
export function worldKey(world: World): string {
  return new KeyWriter(world).write()
}

class KeyWriter {
  #text = ''
  /** The device that made the first edit comes first. */
  readonly #swaps: boolean

  constructor(private readonly world: World) {
    this.#swaps = world.edits[0]?.device === 1
  }

  write(): string {
    const { store, backup, devices, edits, commits, left } = this.world
    for (const index of DEVICES) this.#device(devices[this.#deviceAt(index)])
    this.#store(store)
    if (backup) this.#store(backup.store)
    // A commit that both devices have passed says nothing more once its record was committed again.
    const passed = Math.min(devices[0].cursor, devices[1].cursor)
    for (const [index, { record, rev, version, endsPush }] of commits.entries()) {
      const isPast = commits.some((later, at) => at > index && later.record === record && later.version <= passed)
      if (!isPast || backup) this.#text += `C${version}.${record}${rev.hlc}${endsPush ? '.' : ','}`
    }
    for (const edit of edits) if (!this.#isPast(edit)) this.#edit(edit)
    const { crashes, losses, collections, rescans, restores } = left
    this.#text += `|${left.edits[this.#deviceAt(0)]}${left.edits[this.#deviceAt(1)]}${crashes}${losses}${collections}${rescans}${restores}`
    return this.#text
  }

  /** Both devices and the store have something higher, so nobody can see the edit any more, or lack it. */
  #isPast({ record, rev }: Edit): boolean {
    const { store, backup, devices } = this.world
    if (backup) return false
    return compareRevs(store.rows[record], rev) > 0 && devices.every(device => compareRevs(known(device, record), rev) > 0)
  }

  #deviceAt(index: DeviceIndex): DeviceIndex {
    return this.#swaps ? 1 - index as DeviceIndex : index
  }

  #pair(pair: readonly [Rev | null, Rev | null]): void {
    this.#rev(pair[0])
    this.#rev(pair[1])
  }

  #flags(flags: readonly [boolean, boolean]): void {
    this.#text += `${flags[0] ? 1 : 0}${flags[1] ? 1 : 0}`
  }

  #rev(rev: Rev | null): void {
    this.#text += rev ? `${rev.clock}.${rev.hlc}${rev.op === 'put' ? 'p' : 'd'}${rev.edit === rev.hlc ? '' : rev.edit};` : '-'
  }

  #changes(changes: readonly Change[]): void {
    for (const { record, rev } of changes) this.#text += `${record}.${rev.hlc}.${rev.version},`
  }

  #page(page: Page | null): void {
    if (!page) return
    this.#text += `P${page.isWalk ? 'w' : ''}${page.nextCursor}.${page.hasMore ? '+' : ''}${page.latest}.${page.epoch}${page.requiresRescan ? 'r' : ''}:`
    this.#changes(page.changes)
  }

  #device(device: Device): void {
    const { walk, push, step } = device
    this.#text += `\nD${device.cursor}.${device.epoch ?? '-'}${device.consistent ? 'c' : ''}${device.cutOffs}${device.firstSyncDone ? 'f' : ''}${device.isOn ? 'o' : ''}${device.isPaused ? 'p' : ''}${device.isUnsure ? 'u' : ''}${device.isByPage ?? '-'}.${device.pushedFrom ?? ''}`
    this.#pair(device.rows)
    this.#pair(device.aside)
    this.#pair(device.deleted)
    this.#pair(device.acknowledged)
    for (const record of RECORDS) if (compareRevs(device.shown[record], known(device, record)) > 0) this.#text += `V${record}${device.shown[record]!.hlc}`
    this.#flags(device.uncertain)
    for (const { record, rev, base, group, waits, missedWinner, isFromBefore } of device.outbox) {
      this.#text += `E${record}.${rev.hlc}${base[0]}${group}${waits ? `w${waits.version}.${waits.winner}${waits.skipsPull ? 's' : ''}` : ''}${isFromBefore ? 'b' : ''}${missedWinner === null ? '' : `m${missedWinner}`}`
    }
    if (push) {
      this.#text += `S${push.more ? '+' : ''}`
      for (const { record, rev, base } of push.ops) this.#text += `${record}.${rev.hlc}${base[0]},`
      for (const { applied, version, winner } of push.answers ?? []) this.#text += `A${applied ? 'y' : 'n'}${version}${winner ? `.${winner.hlc}.${winner.version}` : ''}`
    }
    if (step) {
      this.#text += `T${step.position}`
      this.#changes(step.changes)
    }
    this.#page(device.page)
    if (!walk) return
    this.#text += `W${walk.sweep}${walk.target ?? '-'}.${walk.position}.${walk.epoch ?? '-'}${walk.moved ?? '-'}${walk.isRead ? 'r' : ''}`
    this.#pair(walk.seen)
    this.#flags(walk.pushed)
  }

  #store({ rows, collected, version, floor, epoch, memory }: World['store']): void {
    this.#text += `\nS${version}.${floor}.${epoch}`
    this.#pair(rows)
    for (const record of RECORDS) this.#text += `.${rows[record]?.version ?? ''}`
    this.#flags(collected)
    // Only what may be asked again counts.
    for (const [hlc, { applied, version: at, winner }] of memory) {
      if (this.world.devices.some(({ outbox }) => outbox.some(({ rev }) => rev.hlc === hlc))) this.#text += `M${hlc}${applied ? 'y' : 'n'}${at}${winner ? `.${winner.hlc}.${winner.version}` : ''}`
    }
  }

  #edit({ record, rev, device, group, before, isExcepted }: Edit): void {
    this.#text += `e${record}${this.#deviceAt(device)}${group}${isExcepted ? 'x' : ''}`
    this.#rev(rev)
    this.#pair(before)
  }
}
