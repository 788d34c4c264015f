import { formatHlc } from '#or3-sync/shared/sync/protocol/hlc'
import type { ChangeStamp } from '#or3-sync/shared/sync/protocol/types'
import type { AcceptedOp, BackendCursor, BackendGc, BackendPull, BackendPush, PushItem } from 'or3-sync/server'
import { NOW } from '../../../src/testing/contract/make-op'
import { SeededRandom } from '../../../src/testing/simulation/seeded-random'

export type HistoryStep =
  | { kind: 'push', request: BackendPush }
  | { kind: 'pull', request: BackendPull }
  | { kind: 'cursor', request: BackendCursor }
  | { kind: 'gc', request: BackendGc }
  | { kind: 'erase', workspaceId: string }
  | { kind: 'newEpoch' }

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const PKS = ['a', 'b', 'c', 'd'] as const
const TABLES = ['todos', 'notes'] as const
const DEVICES = [{ userId: 'ada', deviceId: 'ada-1' }, { userId: 'ada', deviceId: 'ada-2' }, { userId: 'bob', deviceId: 'bob-1' }] as const

/** What a few devices do to few records, so that they meet: one seed, one history. */
export class RandomHistory {
  readonly #random: SeededRandom
  #now = NOW
  readonly #stamps = new Map<string, ChangeStamp[]>()
  readonly #sent = new Map<string, BackendPush[]>()

  /** In some histories deletions are forgotten after a few days, and every request says so. */
  readonly #purgeAfter: number | undefined

  constructor(seed: number) {
    this.#random = new SeededRandom(seed)
    this.#purgeAfter = this.#random.chance(0.5) ? this.#random.between(0, 5) * DAY : undefined
  }

  steps(): HistoryStep[] {
    return Array.from({ length: this.#random.between(8, 16) }, () => this.#step())
  }

  #step(): HistoryStep {
    const random = this.#random
    this.#now += random.chance(0.1) ? random.between(1, 20) * DAY : random.between(1, 60) * MINUTE
    const dice = random.next()
    if (dice < 0.62) return { kind: 'push', request: this.#push() }
    if (dice < 0.80) return { kind: 'pull', request: this.#pull() }
    if (dice < 0.90) return { kind: 'cursor', request: { workspaceId: 'w1', ...random.pick(DEVICES), version: random.between(0, 12), now: this.#now } }
    if (dice < 0.96) return { kind: 'gc', request: { now: this.#now, retentionMs: 30 * DAY, cursorExpiryMs: 7 * DAY, purgeBefore: this.#purgeBefore() } }
    if (dice < 0.98) return { kind: 'erase', workspaceId: 'w1' }
    return { kind: 'newEpoch' }
  }

  /** A batch; or one of the device's before, whole or in part, as after a lost reply or from a late duplicate. */
  #push(): BackendPush {
    const random = this.#random
    const device = random.pick(DEVICES)
    const before = this.#sent.get(device.deviceId) ?? []
    if (before.length > 0 && random.chance(0.3)) {
      const again = random.chance(0.8) ? before.at(-1)! : random.pick(before)
      const part = random.chance(0.6) ? again.items : again.items.filter(() => random.chance(0.6))
      const items = random.chance(0.3) ? [...part, this.#op(device.deviceId)] : part
      if (items.length > 0) return { ...again, items, now: this.#now, purgedBefore: this.#purgeBefore() }
    }
    const items = Array.from({ length: random.between(1, 5) }, () => random.chance(0.06) ? this.#refused() : this.#op(device.deviceId))
    const request: BackendPush = { workspaceId: 'w1', userId: device.userId, items, now: this.#now, purgedBefore: this.#purgeBefore() }
    this.#sent.set(device.deviceId, [...before, request])
    return request
  }

  #purgeBefore(): number | undefined {
    return this.#purgeAfter === undefined ? undefined : this.#now - this.#purgeAfter
  }

  #op(deviceId: string): AcceptedOp {
    const random = this.#random
    const tableName = random.pick(TABLES)
    const pk = random.pick(PKS)
    const known = this.#stamps.get(`${tableName} ${pk}`) ?? []
    // Low clocks, few times: equal clocks, equal HLCs and ties down to the op id are common.
    const ahead = random.chance(0.04) ? 10 * MINUTE : -random.between(0, 3) * MINUTE
    const stamp: ChangeStamp = {
      deviceId,
      opId: random.uuid(),
      hlc: formatHlc({ ms: random.chance(0.5) ? NOW : this.#now + ahead, counter: random.between(0, 1), node: random.chance(0.5) ? 'node0001' : 'node0002' }),
      clock: random.chance(0.7) ? (known.at(-1)?.clock ?? 0) + 1 : random.between(1, 6),
    }
    this.#stamps.set(`${tableName} ${pk}`, [...known, stamp])
    const op = random.chance(0.3) ? 'delete' as const : 'put' as const
    const payload = op === 'delete' ? null : JSON.stringify({ id: pk, title: random.pick(['same', 'other', 'é🗝"\\']) })
    const accepted: AcceptedOp = { kind: 'op', tableName, pk, op, payload, stamp }
    if (random.chance(0.75)) {
      const base = known.length > 0 && random.chance(0.7) ? random.pick(known) : null
      accepted.base = base && { clock: base.clock, hlc: base.hlc }
    }
    return accepted
  }

  #refused(): PushItem {
    const random = this.#random
    const record = random.chance(0.7) ? { tableName: random.pick(TABLES), pk: random.pick(PKS) } : undefined
    return { kind: 'rejected', opId: random.chance(0.5) ? random.uuid() : null, errorCode: random.pick(['VALIDATION_ERROR', 'OVERSIZED']), error: 'payload: no', ...record && { record } }
  }

  #pull(): BackendPull {
    const random = this.#random
    const order = random.chance(0.35) ? 'desc' as const : 'asc' as const
    return {
      workspaceId: random.chance(0.95) ? 'w1' : 'w2',
      userId: 'ada',
      cursor: random.chance(0.3) ? 0 : random.between(0, 14),
      limit: random.between(1, 6),
      order,
      bootstrap: order === 'desc' || random.chance(0.4),
      maxBytes: random.chance(0.2) ? random.between(10, 120) : 1_000_000,
      ...random.chance(0.3) && { tables: [random.pick(TABLES)] },
    }
  }
}
