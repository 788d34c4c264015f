import { formatHlc } from '#or3-sync/shared/sync/protocol/hlc'
import type { ChangeStamp } from '#or3-sync/shared/sync/protocol/types'
import type { DeviceName, ModelState } from './model-state'

const STEP = 2 ** 20

/**
 * Where the next hybrid time of a device may lie among those issued: anywhere above its own last, for wall clocks differ.
 * Only the order counts, so one time for each gap is all there is.
 */
export function possibleTimes({ times }: ModelState, lastMs: number): number[] {
  const above = times.map(({ ms }) => ms).filter(ms => ms > lastMs)
  let lower = lastMs
  const possible = above.map((ms) => {
    const between = (lower + ms) / 2
    lower = ms
    return between
  })
  possible.push(lower + STEP)
  return possible
}

export function stampOf(device: DeviceName, clock: number, ms: number, opId: string): ChangeStamp {
  // Both databases are copies of one: a device id decides nothing.
  return { deviceId: 'copied', opId, clock, hlc: formatHlc({ ms, counter: 0, node: nodeOf(device) }) }
}

export function nodeOf(device: DeviceName): string {
  return `node000${device}`
}

/** The state with a time issued to an op. */
export function issue(state: ModelState, ms: number, opId: string): ModelState {
  return { ...state, times: [...state.times, { ms, opId }].sort((x, y) => x.ms - y.ms) }
}
