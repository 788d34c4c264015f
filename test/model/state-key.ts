import { nodeOf } from './hybrid-times'
import { NameGiver } from './name-giver'
import type { DeviceName, IssuedTime, ModelState } from './model-state'

const givers = new WeakMap<readonly IssuedTime[], NameGiver>()

/**
 * The name of a state, up to what makes no difference: which device is called what, and what the clocks show beyond the order
 * of the times issued.
 */
export function stateKey(state: ModelState): string {
  let giver = givers.get(state.times)
  if (!giver) givers.set(state.times, giver = new NameGiver(state.times))
  const { server, devices: [a, b] } = state
  const requests = giver.requests(state.requests)
  const half = (name: DeviceName) => `${giver.edits(state.edits, name)}|${giver.device(name === 'a' ? a : b)}|${giver.memory(server.memories.get(nodeOf(name)))}`
  const [first, second] = [half('a'), half('b')]
  const halves = first < second ? `${first}|${second}` : `${second}|${first}`
  return `${state.times.length}|${halves}|${giver.row(server.row)}|${server.version}|${server.floor}|${requests}`
}
