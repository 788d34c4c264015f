import type { SyncSchema } from 'or3-sync/schema'
import { changeRole } from './change-role'
import { changeSession } from './change-session'
import { changeUser } from './change-user'
import { copyDevice } from './copy-device'
import type { FaultRates } from './fault-rates'
import type { HistoryTraits } from './history-traits'
import type { RandomWalk } from './random-walk'
import type { SimDevice } from './sim-device'
import type { Refusal } from './sim-network'
import { nextSchema, SIM_KEYS } from './sim-schema'
import { writeUnstorable } from './write-unstorable'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** The faults that happen at an edit. The others concern messages, disks and browsers. */
export type WalkEvent = Exclude<keyof FaultRates, 'drop' | 'lostReply' | 'duplicate' | 'delay' | 'reorder' | 'disconnect' | 'oddTime' | 'slowDisk' | 'noLocks' | 'brokenLocks' | 'blockedStorage' | 'smallPages' | 'smallPushes' | 'serverWrites' | keyof HistoryTraits | LateEvent>

export type LateEvent = 'bulk' | 'rewind' | 'settle'

/** Answers of a proxy in the store's place. A device must take them as a temporary failure. */
const STRANGERS: readonly Refusal[] = [{ code: 'UNKNOWN', status: 200 }, { code: 'UNKNOWN', status: 403 }, { code: 'OVERSIZED', status: 413 }]

const REFUSALS: readonly Refusal[] = [
  ...STRANGERS,
  { code: 'UNAUTHORIZED', status: 401 },
  { code: 'RATE_LIMITED', status: 429, retryAfter: 3_000 },
  { code: 'SERVER_ERROR', status: 503, retryAfter: 1_000 },
]

const STRANGE_MESSAGES: unknown[] = [
  null, 'hello', { type: 'nobody knows this' }, { type: 'clock', offset: 1e300, reset: true }, { type: 'clock', offset: 'x', reset: true },
  { type: 'status', status: null }, { type: 'status', status: { state: 'idle', cursor: 'far' } }, { type: 'outbox' },
]

/** What each fault does. `walk.random` belongs to the current step, so draw from it at once and not in a later callback. */
export const WALK_EVENTS: Record<WalkEvent, (walk: RandomWalk, device: SimDevice) => void> = {
  offline: ({ random, at }, device) => {
    if (!device.isOnline) return
    device.setOnline(false)
    at.time.schedule(random.between(100, 40_000), null, () => device.setOnline(true))
  },
  crash: (walk, device) => {
    if (!device.tabs.length) return
    device.crash(walk.random.pick(device.tabs))
    walk.reopenLater(device, walk.random.between(0, 20_000))
  },
  close: (walk, device) => {
    const running = device.tabs.filter(tab => tab.state === 'running')
    if (!running.length) return
    void device.close(walk.random.pick(running))
    walk.reopenLater(device, walk.random.between(0, 20_000))
  },
  databaseLost: ({ random }, device) => {
    const running = device.tabs.filter(tab => tab.state === 'running')
    if (running.length) device.loseDatabase(random.pick(running))
  },
  wiped: (_, device) => device.wipe(),
  copied: (walk, device) => copyDevice(walk, device),
  strangeMessage: ({ random, at }, device) => {
    at.log(`something strange comes over the channel of ${device.name}`)
    device.channels.shout(random.pick(STRANGE_MESSAGES))
  },
  role: (walk, device) => changeRole(walk, device),
  session: (walk, device) => changeSession(walk, device),
  otherUser: (walk, device) => changeUser(walk, device),
  upgrade: ({ random, at }, device) => {
    // With a provider of the caller's own, the store may not know the next schema.
    if (!at.hasOracle || device.schema.version === nextSchema.version) return
    const oldTabsStayFor = random.between(0, 60_000)
    at.log(`${device.name} gets the next version of the app`)
    device.open({ schema: nextSchema as unknown as SyncSchema })
    at.time.schedule(oldTabsStayFor, null, () => device.reloadOldTabs())
  },
  freeze: ({ random, at }, device) => {
    const running = device.tabs.filter(tab => tab.state === 'running')
    if (!running.length) return
    const tab = random.pick(running)
    device.freeze(tab)
    at.time.schedule(random.between(1_000, 60_000), null, () => device.thaw(tab))
  },
  restart: ({ random, at }, device) => {
    const running = device.tabs.filter(tab => tab.state === 'running')
    if (!running.length) return
    const tab = random.pick(running)
    at.log(`${tab.name} stops and starts`)
    void tab.engine.stop().then(() => tab.engine.start()).catch((error: unknown) => {
      at.log(`${tab.name} did not start again: ${String(error)}`)
      // The user reloads.
      at.time.schedule(1_000, tab, () => {
        device.crash(tab)
        device.open()
      })
    })
  },
  refuse: ({ random, at }) => {
    if (at.network.refusal) return
    at.network.refusal = random.pick(REFUSALS)
    at.log(`the store refuses with ${at.network.refusal.status}`)
    at.time.schedule(random.between(500, 40_000), null, () => { at.network.refusal = null })
  },
  firewall: ({ random, at: { network, time, log } }) => {
    if (network.firewall) return
    const [pk, refusal] = [random.pick(SIM_KEYS), random.pick(STRANGERS)]
    network.firewall = { text: `"pk":"${pk}"`, refusal }
    log(`a firewall refuses what has to do with "${pk}" with ${refusal.status}`)
    time.schedule(random.between(500, 60_000), null, () => { network.firewall = null })
  },
  skew: ({ random, at }, device) => {
    device.skew = device.skew !== 0 && random.chance(0.5) ? 0 : random.between(-HOUR, HOUR)
    at.log(`the clock of ${device.name} is off by ${device.skew} ms`)
  },
  gc: ({ at }) => {
    at.log('the store collects tombstones')
    at.collectGarbage()
  },
  absence: (walk, device) => {
    const { random, at } = walk
    for (const tab of [...device.tabs]) device.crash(tab)
    const days = random.pick([1, 8, 31, 40])
    at.log(`${device.name} is away for ${days} days`)
    at.time.schedule(random.between(0, 60_000), null, () => {
      at.log('days go by')
      at.time.jump(days * DAY)
      for (const other of at.devices) other.longestAbsence = Math.max(other.longestAbsence, days * DAY)
      at.collectGarbage()
      walk.reopenLater(device, random.between(0, 20_000))
    })
  },
  restore: walk => walk.rememberOrRestore(),
  quota: (_, device) => { device.disk.quotaErrors = 1 },
  unstorable: (walk, device) => writeUnstorable(walk, device),
}

/** How many rows a device writes at once. A page with so many rows of a table is read in another way than a small one. */
const BULK_ROWS = 24

/** The same for the events that were added later. `random` is theirs alone. */
export const LATE_EVENTS: Record<LateEvent, (walk: Pick<RandomWalk, 'random' | 'at' | 'rememberOrRestore'>, device: SimDevice) => void> = {
  bulk: ({ random }, device) => {
    const running = device.tabs.filter(tab => tab.state === 'running')
    if (!running.length) return
    void random.pick(running).edit(Array.from({ length: BULK_ROWS }, (_, index) => ({ kind: 'put', tableName: 'items', pk: `bulk${index}` })))
  },
  rewind: (walk) => { if (walk.at.traits.oddRows) walk.rememberOrRestore() },
  settle: ({ random, at }, device) => {
    void device.settleRefused(random.pick(['retry', 'discard'])).catch((error: unknown) => at.log(`${device.name}: ${String(error)}`))
  },
}
