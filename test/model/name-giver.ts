import type { FoldedResult } from '#or3-sync/shared/sync/store/fold-output'
import type { AcceptedOp } from '#or3-sync/shared/sync/store/push-item'
import { opFingerprint, type PushMemory } from '#or3-sync/shared/sync/store/push-memory'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { BaseRevision } from '#or3-sync/shared/sync/protocol/types'
import { msOf } from './merge-remote'
import type { DeviceName, DeviceState, Edit, IssuedTime, ModelState } from './model-state'

/** The op of each fingerprint that a push memory may hold. */
const opIds = new Map<string, string>()

/**
 * Names the parts of states that share one list of issued times. An op is named by its place in that list, so that names say
 * nothing of devices or of what clocks show. Parts are never changed in place, so each is named once.
 */
export class NameGiver {
  readonly #places = new Map<string, number>()
  readonly #placeOfMs = new Map<number, number>([[0, -1]])
  readonly #devices = new WeakMap<DeviceState, string>()
  readonly #memories = new WeakMap<PushMemory, string>()
  readonly #requests = new WeakMap<ModelState['requests'], string>()
  readonly #edits = new WeakMap<ModelState['edits'], Record<DeviceName, string>>()

  constructor(times: readonly IssuedTime[]) {
    times.forEach(({ ms, opId }, place) => {
      this.#places.set(opId, place)
      this.#placeOfMs.set(ms, place)
    })
  }

  edits(edits: ModelState['edits'], name: DeviceName): string {
    const known = this.#edits.get(edits)
    if (known) return known[name]
    const own = (of: DeviceName) => edits.filter(({ device }) => device === of).map(edit => this.#edit(edit)).join()
    const names = { a: own('a'), b: own('b') }
    this.#edits.set(edits, names)
    return names[name]
  }

  device(device: DeviceState): string {
    return remembered(this.#devices, device, () => this.#device(device))
  }

  memory(memory: PushMemory | undefined): string {
    return memory ? remembered(this.#memories, memory, () => this.#memory(memory)) : ''
  }

  requests(requests: ModelState['requests']): string {
    return remembered(this.#requests, requests, () => {
      for (const { stamp } of requests) opIds.set(opFingerprint('todos', 'x', stamp), stamp.opId)
      return requests.map(op => this.#request(op)).sort().join()
    })
  }

  row(row: RecordRow | null | undefined): string {
    return row ? `${this.#place(row.stamp.opId)}/${row.serverVersion}${row.collected ? 'c' : ''}` : '-'
  }

  #place(opId: string): number { return this.#places.get(opId)! }

  #edit({ id, op, parent, revision }: Edit): string {
    return `${op[0]}${this.#place(id)}^${parent === null ? '-' : this.#place(parent)}=${this.#place(revision.opId)}.${revision.clock}`
  }

  #base(base: BaseRevision | null | undefined): string {
    return base ? `${base.clock}@${this.#placeOfMs.get(msOf(base))}` : String(base)
  }

  #device(device: DeviceState): string {
    const { here, attempt, walk, echo } = device
    return [
      here ? `${here.op[0]}${this.#place(here.edit)}.${this.#place(here.stamp.opId)}.${here.stamp.clock}` : '-',
      device.outbox.map(({ ops }) => ops.map(({ opId, base, unheard = [] }) => `${this.#place(opId)}${this.#base(base)}${unheard.join('')}`).join()).join(),
      attempt ? `${this.#request(attempt.op)}>${attempt.reply ? this.#reply(attempt.reply) : ''}` : '-',
      device.inDoubt ? 1 : 0,
      device.cursor,
      device.pages.map(({ from, nextCursor, change, requiresRescan }) => `${from}-${nextCursor}${requiresRescan ? '!' : ''}${change ? `${this.#place(change.stamp.opId)}/${change.serverVersion}` : ''}`).join(),
      walk ? [walk.sweeps, walk.isAnswered, walk.isApplied, walk.page?.target, walk.page?.change && this.#place(walk.page.change.stamp.opId)].join() : '-',
      device.pushedFrom,
      echo ? this.#place(echo.opId) : '-',
      this.#placeOfMs.get(device.hlcMs),
      device.conflicts.map(({ remoteOpId, local }) => `${this.#place(remoteOpId)}x${this.#place(local)}`).sort().join(),
    ].join(';')
  }

  #request(op: AcceptedOp): string { return `${this.#place(op.stamp.opId)}${this.#base(op.base)}${op.unheard?.join('') ?? ''}` }

  #reply({ applied, replayed, serverVersion, winner, overwrote, overwroteEarlier = [] }: FoldedResult): string {
    return `${applied}${replayed}${serverVersion}w${this.row(winner)}o${this.row(overwrote)}e${overwroteEarlier.map(row => this.row(row)).join()}`
  }

  #memory(memory: PushMemory): string {
    return [...memory].map(([fingerprint, { version, overwrote, winner, unheard = [] }]) =>
      `${this.#place(opIds.get(fingerprint)!)}:${version}w${this.row(winner)}o${this.row(overwrote)}u${unheard.map(row => this.row(row)).join()}`).sort().join()
  }
}

function remembered<Part extends object>(names: WeakMap<Part, string>, part: Part, name: () => string): string {
  let known = names.get(part)
  if (known === undefined) names.set(part, known = name())
  return known
}
