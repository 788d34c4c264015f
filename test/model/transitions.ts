import type { AcceptedOp } from '#or3-sync/shared/sync/store/push-item'
import { editHere, nextPush, withDevice } from './device-edits'
import { applyPage, applyWalk, endWalk, isEcho, settle } from './device-transactions'
import { possibleTimes } from './hybrid-times'
import { collect, readAll, readFeed, storeOp } from './model-server'
import type { DeviceState, ModelState, WalkState } from './model-state'
import type { SmallCaseRules } from './small-case-rules'

export interface SmallCaseOptions {
  /** Edits that both devices make together. */
  edits: number
  /** Feed pages that may be on their way to a device: they arrive in any order, or never. */
  pages: number
  /** Devices begin with their first sync; else they are level with the empty store. */
  firstSync: boolean
  /** GC may run at any time. */
  collects: boolean
  /** A device may be asked to rescan at any time. */
  rescans: boolean
  /** Devices remember what they pushed, until they crash. */
  echoes: boolean
  /** Requests may arrive after their sender gave them up, and more than once. */
  strays: boolean
}

export interface Step {
  label: string
  next: ModelState
  /** It brings the world nearer to rest: no edit, no fault. */
  settles?: true
}

/** Every step that can follow a state. */
export function* steps(state: ModelState, options: SmallCaseOptions, rules: SmallCaseRules): Generator<Step> {
  for (const device of state.devices) {
    yield* editSteps(state, device, options, rules)
    yield* pushSteps(state, device, options, rules)
    yield* pullSteps(state, device, options, rules)
    yield* walkSteps(state, device, options, rules)
    if (device.attempt || device.pages.length || device.walk?.page || device.echo) yield { label: `${device.name} crashes`, next: crash(state, device) }
  }
  if (options.strays) {
    for (const op of state.requests) yield { label: `a stray request brings ${op.stamp.opId}`, next: { ...state, server: storeOp(state, op, rules).server } }
  }
  const collected = options.collects && collect(state.server, rules)
  if (collected) yield { label: 'GC', next: { ...state, server: collected } }
}

function* editSteps(state: ModelState, device: DeviceState, { edits }: SmallCaseOptions, rules: SmallCaseRules): Generator<Step> {
  if (state.edits.length >= edits) return
  for (const ms of possibleTimes(state, device.hlcMs)) {
    yield { label: `${device.name} puts`, next: editHere(state, device, 'put', ms, rules) }
    if (device.here?.op === 'put') yield { label: `${device.name} deletes`, next: editHere(state, device, 'delete', ms, rules) }
  }
}

function* pushSteps(state: ModelState, device: DeviceState, options: SmallCaseOptions, rules: SmallCaseRules): Generator<Step> {
  const { name, attempt } = device
  if (!attempt) {
    if (device.outbox.length) yield { label: `${name} pushes`, next: send(state, device), settles: true }
    return
  }
  if (!attempt.reply) {
    const { server, result } = storeOp(state, attempt.op, rules)
    yield { label: `the store takes ${attempt.op.stamp.opId}`, next: withDevice({ ...state, server }, { ...device, attempt: { ...attempt, reply: result } }), settles: true }
  }
  else for (const next of settle(state, device, options.echoes, rules)) yield { label: `${name} hears of ${attempt.op.stamp.opId}`, next, settles: true }
  yield { label: `${name}'s push is lost`, next: withDevice(state, { ...device, attempt: null, inDoubt: true }) }
}

function send(state: ModelState, device: DeviceState): ModelState {
  const op = nextPush(device)
  const isKnown = state.requests.some(known => isSameRequest(known, op))
  return withDevice({ ...state, requests: isKnown ? state.requests : [...state.requests, op] }, { ...device, attempt: { op, reply: null } })
}

function isSameRequest(a: AcceptedOp, b: AcceptedOp): boolean {
  return a.stamp.opId === b.stamp.opId && a.base?.clock === b.base?.clock && a.base?.hlc === b.base?.hlc
}

function* pullSteps(state: ModelState, device: DeviceState, { pages }: SmallCaseOptions, rules: SmallCaseRules): Generator<Step> {
  const { name, cursor } = device
  if (device.walk) return
  if (device.pages.length < pages) {
    // A stream goes on from what it sent, applied or not.
    const from = device.pages.at(-1)?.nextCursor ?? cursor
    const page = readFeed(state.server, from, rules)
    const after = rules.movesBeforeApply ? page.nextCursor : cursor
    if (page.requiresRescan || page.nextCursor > from) yield { label: `${name} is sent the feed from ${from}`, next: withDevice(state, { ...device, cursor: after, pages: [...device.pages, page] }), settles: true }
  }
  for (const [index, page] of device.pages.entries()) {
    const label = `${name} applies the page from ${page.from} to ${page.nextCursor}`
    if (page.requiresRescan) yield { label: `${name} is sent to rescan`, next: withDevice(state, beginWalk(device, true)), settles: true }
    else if (page.change && mustWait(device, page.change, rules)) continue
    else for (const next of applyPage(state, device, index, rules)) yield { label, next, settles: true }
  }
  // A single page that is lost is read again: a crash has that as well.
  if (pages > 1) for (const [index, page] of device.pages.entries()) {
    yield { label: `${name} loses the page from ${page.from}`, next: withDevice(state, { ...device, pages: device.pages.filter((_, other) => other !== index) }) }
  }
}

/** A change of a record whose own push has no answer yet waits for it. */
function mustWait(device: DeviceState, change: Parameters<typeof isEcho>[1], rules: SmallCaseRules): boolean {
  return rules.waitsForFate && (device.attempt !== null || device.inDoubt) && !isEcho(device, change)
}

function* walkSteps(state: ModelState, device: DeviceState, { rescans }: SmallCaseOptions, rules: SmallCaseRules): Generator<Step> {
  const { name, walk } = device
  if (!walk) {
    if (rescans) yield { label: `${name} begins a rescan`, next: withDevice(state, beginWalk(device, true)) }
    return
  }
  if (!walk.page) yield { label: `${name} reads everything`, next: withDevice(state, { ...device, walk: { ...walk, page: readAll(state.server) } }), settles: true }
  else if (walk.isApplied && rules.walkWaits && device.attempt) return
  else if (walk.isApplied) yield { label: `${name}'s walk ends`, next: endWalk(state, device, rules), settles: true }
  else if (!walk.page.change || !mustWait(device, walk.page.change, rules)) {
    for (const next of applyWalk(state, device, rules)) yield { label: `${name} applies everything`, next, settles: true }
  }
}

function beginWalk(device: DeviceState, sweeps: boolean): DeviceState {
  const walk: WalkState = { sweeps, isAnswered: false, page: null, isApplied: false }
  return { ...device, pages: [], walk }
}

/** The tab is gone. What is stored stays: a walk goes on after its last page, with what it has noted. */
function crash(state: ModelState, device: DeviceState): ModelState {
  const { walk } = device
  const kept = walk && !walk.isApplied ? beginWalk(device, walk.sweeps) : { ...device, pages: [] }
  return withDevice(state, { ...kept, attempt: null, inDoubt: device.outbox.length > 0, echo: null })
}

/** Two devices and a store that nobody has written to. */
export function initialState({ firstSync }: SmallCaseOptions): ModelState {
  const device = (name: 'a' | 'b'): DeviceState => {
    const level: DeviceState = { name, here: null, outbox: [], attempt: null, inDoubt: false, cursor: 0, pages: [], walk: null, pushedFrom: undefined, echo: null, hlcMs: 0, conflicts: [] }
    return firstSync ? beginWalk(level, false) : level
  }
  return {
    devices: [device('a'), device('b')],
    server: { row: null, version: 0, floor: 0, memories: new Map() },
    requests: [],
    edits: [],
    times: [],
  }
}
