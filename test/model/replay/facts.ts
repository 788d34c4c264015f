import type { SyncBackend } from 'or3-sync/server'
import type { TombstoneRecord } from '#or3-sync/core/sync/records/engine-records'
import { compareRevs, DEVICES, RECORDS, type Rev, type World } from '../contract/contract-state'
import type { ReplayDevice } from './replay-device'

const PAGE = { limit: 100, maxBytes: 1_000_000, order: 'asc' } as const

type Stamp = Pick<TombstoneRecord, 'clock' | 'hlc'>

/** What can be compared, by name. */
export type Facts = Record<string, string>

/** What the model says of the store and of what is on the devices' disks. */
export function modelFacts({ store, devices }: World): Facts {
  const facts: Facts = {
    store: `version ${store.version}: ${RECORDS.flatMap(record => store.rows[record] && !store.collected[record] ? [`${'ab'[record]} ${name(store.rows[record])} at ${store.rows[record].version}`] : []).join(', ')}`,
  }
  for (const index of DEVICES) {
    const { rows, outbox, aside, cursor, consistent, push, walk } = devices[index]
    Object.assign(facts, named(index, {
      rows: RECORDS.map(record => `${'ab'[record]} ${name(rows[record])}`).join(', '),
      outbox: outbox.map(({ record, rev }) => `${'ab'[record]} ${rev.op} ${rev.clock}`).join(', '),
      aside: RECORDS.flatMap(record => aside[record] && compareRevs(aside[record], rows[record]) > 0 ? [`${'ab'[record]} ${name(aside[record])}`] : []).join(', '),
      cursor: String(cursor),
      consistent: String(consistent),
      walks: String(walk !== null),
      push: push ? push.ops.map(({ record, rev, base }) => `${'ab'[record]} ${rev.op} ${rev.clock} upon ${base}`).join(', ') : 'none',
    }))
  }
  return facts
}

/** The same of the real store and the real devices. `floor`: the store keeps no deletes up to this version. */
export async function realFacts(devices: readonly ReplayDevice[], backend: SyncBackend, { workspaceId, floor }: { workspaceId: string, floor: number }): Promise<Facts> {
  const [puts, above] = await Promise.all([
    backend.pull({ workspaceId, cursor: 0, bootstrap: true, ...PAGE }), backend.pull({ workspaceId, cursor: floor, bootstrap: false, ...PAGE }),
  ])
  const stored = new Map([...puts.rows, ...above.rows].map(row => [row.pk, row]))
  const inOrder = ['a', 'b'].flatMap(pk => stored.get(pk) ?? [])
  const facts: Facts = {
    store: `version ${above.latestVersion}: ${inOrder.map(({ pk, op, payload, stamp, serverVersion }) => `${pk} ${op === 'put' ? `put ${stamp.clock} of edit ${(JSON.parse(payload!) as { edit: number }).edit}` : `delete ${stamp.clock}`} at ${serverVersion}`).join(', ')}`,
  }
  devices.forEach((device, index) => Object.assign(facts, named(index, deviceFacts(device))))
  return facts
}

function deviceFacts(device: ReplayDevice): Facts {
  const rows = new Map(device.rows().map(row => [row.id, `put ${row.clock} of edit ${row.edit}`]))
  for (const { pk, clock } of device.tombstones()) if (!rows.has(pk)) rows.set(pk, `delete ${clock}`)
  const here = new Map([...device.tombstones().map(({ pk, clock, hlc }): [string, Stamp] => [pk, { clock, hlc }]), ...device.rows().map(({ id, clock, hlc }): [string, Stamp] => [id, { clock, hlc }])])
  const { cursor = 0, consistent = false } = device.cursor() ?? {}
  const push = device.provider.heldPush
  return {
    rows: ['a', 'b'].map(pk => `${pk} ${rows.get(pk) ?? 'absent'}`).join(', '),
    outbox: device.outbox().flatMap(({ ops }) => ops.map(({ pk, op, clock }) => `${pk} ${op} ${clock}`)).join(', '),
    aside: device.quarantine().filter(({ pk, change: { stamp } }) => isAbove(stamp, here.get(pk))).sort((x, y) => x.pk < y.pk ? -1 : 1).map(({ pk, change: { op, payload, stamp } }) => `${pk} ${op === 'put' ? `put ${stamp.clock} of edit ${String(payload!.edit)}` : `delete ${stamp.clock}`}`).join(', '),
    cursor: String(cursor),
    consistent: String(consistent),
    walks: String(device.isWalking()),
    push: push ? push.ops.map(({ pk, operation, stamp, base }) => `${pk} ${operation} ${stamp.clock} upon ${base === null ? 'nothing' : base ? 'known' : 'unknown'}`).join(', ') : 'none',
  }
}

/** A change that is lower than what is here changes nothing when it comes back, so it does not matter whether it was set aside. */
function isAbove(stamp: Stamp, here: Stamp | undefined): boolean {
  return !here || stamp.clock > here.clock || (stamp.clock === here.clock && stamp.hlc > here.hlc)
}

function name(rev: Rev | null): string {
  if (!rev) return 'absent'
  return rev.op === 'put' ? `put ${rev.clock} of edit ${rev.edit}` : `delete ${rev.clock}`
}

function named(index: number, facts: Facts): Facts {
  return Object.fromEntries(Object.entries(facts).map(([key, value]) => [`device ${index + 1} ${key}`, value]))
}
