import { copyWorld, DEVICES, higher, known, RECORDS, type Device, type DeviceIndex, type World } from './contract-state'
import { writeHere, type Write } from './device-edits'
import { retryAside, sendOn, settle, type Scene } from './device-merge'
import { beginWalk, endWalk, takePage } from './device-reads'
import type { Rules } from './rules'
import type { SmallCase } from './small-contract-case'
import { collect, hasGarbage, positionOf, readFeed, readWalk, restore, takePush } from './store-rules'

export type Action =
  | { kind: 'write', device: DeviceIndex, writes: readonly Write[] }
  | { kind: 'start' | 'crash' | 'arrive' | 'settle' | 'lose' | 'resend' | 'read' | 'take' | 'rescan', device: DeviceIndex }
  | { kind: 'collect' }
  | { kind: 'restore' }

export interface Transition {
  action: Action
  next: World
  /** It brings the world nearer to rest: no edit, no fault. */
  settles: boolean
}

/** Every transition that can follow a world. */
export function* transitions(world: World, small: SmallCase, rules: Rules): Generator<Transition> {
  for (const action of actions(world, small)) {
    for (const next of outcomes(world, action, small, rules)) yield { action, next, settles: isCalm(action) }
  }
}

const isCalm = ({ kind }: Action) => kind === 'start' || kind === 'arrive' || kind === 'settle' || kind === 'resend' || kind === 'read' || kind === 'take'

export function* actions(world: World, small: SmallCase): Generator<Action> {
  for (const device of DEVICES) yield* deviceActions(world, device, small)
  if (world.left.collections && hasGarbage(world.store)) yield { kind: 'collect' }
  if (world.left.restores && world.backup) yield { kind: 'restore' }
}

function* deviceActions({ devices, left, store }: World, index: DeviceIndex, { transactions }: SmallCase): Generator<Action> {
  const device = devices[index]
  const { isOn, push, isPaused, page, walk } = device
  if (!isOn) yield { kind: 'start', device: index }
  if (push && isArrived(device)) yield { kind: 'settle', device: index }
  else if (push) yield { kind: 'arrive', device: index }
  if (isPaused) yield { kind: 'resend', device: index }
  if (page) yield { kind: 'take', device: index }
  else if (isOn && !walk?.isRead && mayLearn(device, store)) yield { kind: 'read', device: index }
  if (left.edits[index]) {
    for (const writes of transactions) if (writes.every(({ record, op }) => op === 'put' || device.rows[record]?.op === 'put')) yield { kind: 'write', device: index, writes }
  }
  if (push && left.losses) yield { kind: 'lose', device: index }
  if (isOn && left.crashes) yield { kind: 'crash', device: index }
  if (isOn && left.rescans && !walk && !page && !device.step && device.cursor === store.version && device.epoch === store.epoch && device.consistent) yield { kind: 'rescan', device: index }
}

/** Whether the next page would change anything on the device. */
function mayLearn({ walk, step, cursor, epoch, consistent, outbox }: Device, store: World['store']): boolean {
  return walk !== null || step !== null || cursor !== store.version || epoch !== store.epoch || !consistent || outbox.some(({ waits }) => waits)
}

const isArrived = ({ push }: Device) => push?.answers?.length === push?.ops.length

/**
 * The worlds that may follow an action. The contract leaves one thing open: whether something goes on before or after an answer, a page or the end of
 * a walk has set free what waited for it. (`freesFirst`; the next batch, `consistent`, the pull that has to bring a winner.)
 */
function* outcomes(world: World, action: Action, small: SmallCase, rules: Rules): Generator<World> {
  yield act(world, action, { ...small, freesFirst: true }, rules)
  if (action.kind !== 'settle' && action.kind !== 'take' && action.kind !== 'lose') return
  const device = world.devices[action.device]
  const waits = device.outbox.some(entry => entry.waits || entry.isFromBefore) || device.aside.some(change => change) || world.store.epoch > 1
  if (waits && (action.kind !== 'lose' || device.walk)) yield act(world, action, { ...small, freesFirst: false }, rules)
}

function act(before: World, action: Action, { batches, freesFirst }: SmallCase & { freesFirst: boolean }, rules: Rules): World {
  const world = copyWorld(before)
  if (action.kind === 'collect') {
    world.left.collections--
    collect(world.store, rules)
  }
  else if (action.kind === 'restore') {
    world.left.restores--
    restore(world)
  }
  else {
    const device = world.devices[action.device]
    const scene: Scene = { world, device, rules, batches, freesFirst }
    actOn(scene, action)
    sendOn(scene)
    note(device)
  }
  return world
}

/** Keeps what only the invariants ask for. */
function note(device: Device): void {
  for (const record of RECORDS) {
    if (device.consistent) device.shown[record] = higher(known(device, record), device.shown[record])
  }
}

function actOn(scene: Scene, action: Extract<Action, { device: DeviceIndex }>): void {
  const { world, device, rules } = scene
  switch (action.kind) {
    case 'write': return writeHere(world, action.device, action.writes)
    case 'start':
      device.isOn = true
      device.isUnsure = true
      return retryAside(scene)
    case 'crash': return crash(scene)
    case 'arrive': return arrive(scene)
    case 'settle':
      settle(scene)
      if (scene.freesFirst) retryAside(scene)
      else sendOn(scene)
      endWalk(scene, { isAnswered: true })
      return retryAside(scene)
    case 'lose': return lose(scene)
    case 'resend':
      device.isPaused = false
      return
    case 'read':
      device.page = device.walk && device.walk.moved === null ? readWalk(world.store, device.walk.position) : readFeed(world.store, positionOf(device), rules)
      if (!rules.cursorWithChanges && !device.walk) device.cursor = Math.max(device.cursor, device.page.nextCursor)
      return
    case 'take': return takePage(scene)
    case 'rescan':
      world.left.rescans--
      return beginWalk(scene, 'remove')
  }
}

/** The push arrives at the store. */
function arrive({ world, device, rules }: Scene): void {
  const { ops, answers, more } = device.push!
  const done = answers?.length ?? 0
  const now = rules.pushIsOneTransaction ? ops : ops.slice(done, done + 1)
  device.push = { ops, more, answers: [...answers ?? [], ...takePush(world, now, rules)] }
}

/** The push, or its answer, is lost. */
function lose(scene: Scene): void {
  const { world, device, rules } = scene
  world.left.losses--
  const { ops } = device.push!
  device.push = null
  device.isPaused = true
  for (const { record, rev } of ops) {
    device.uncertain[record] = true
    if (!rules.keepsUnanswered) device.outbox = device.outbox.filter(entry => entry.rev.hlc !== rev.hlc)
  }
  endWalk(scene)
}

/** The page is gone. What is on the disk stays. */
function crash({ world, device }: Scene): void {
  world.left.crashes--
  device.isOn = false
  device.push = device.step = device.page = device.isByPage = null
  device.isPaused = device.isUnsure = false
  device.acknowledged = [null, null]
  device.uncertain = [false, false]
  device.outbox = device.outbox.map(entry => entry.waits || entry.missedWinner ? { ...entry, waits: null, missedWinner: null } : entry)
  if (device.walk) {
    device.walk.isRead = false
    device.walk.moved = null
  }
}

/** Two devices and an empty store. */
export function initialWorld(small: SmallCase): World {
  const device = (): Device => ({
    rows: [null, null], outbox: [], cursor: 0, epoch: small.firstSync ? null : 1, consistent: !small.firstSync, cutOffs: 0, firstSyncDone: !small.firstSync,
    walk: small.firstSync ? { sweep: 'none', target: null, position: 0, epoch: null, seen: [null, null], pushed: [false, false], moved: null, isRead: false } : null,
    pushedFrom: null, aside: [null, null], isOn: true, push: null, isPaused: false, isUnsure: false, uncertain: [false, false], step: null, isByPage: null, page: null, deleted: [null, null], shown: [null, null], acknowledged: [null, null],
  })
  const { edits, crashes, losses, collections, rescans, restores } = small
  return {
    store: { rows: [null, null], collected: [false, false], version: 0, floor: 0, epoch: 1, memory: new Map() },
    backup: null, devices: [device(), device()], edits: [], commits: [], stamps: 0, groups: 0,
    left: { edits: [...edits], crashes, losses, collections, rescans, restores },
  }
}
