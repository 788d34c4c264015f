import { inLanes } from '../attack.ts'
import type { Attack } from '../attack.ts'
import { Client } from '../client.ts'

/** Pulls pages of the largest size, twenty at a time. */
export const fullPulls: Attack = {
  async run(port, signal) {
    const client = new Client(port, 'big.mallory')
    await inLanes(20, signal, () => client.pull())
  },
}
