import type { SeededRandom } from './seeded-random'
import { SimChannels } from './sim-channel'
import { SimDisk } from './sim-disk'
import { SimLocks } from './sim-locks'
import type { VirtualTime } from './virtual-time'

/** What the tabs of one browser profile share, whoever is signed in. */
export class SimBrowser {
  readonly disk = new SimDisk()
  readonly hasLocks: boolean
  readonly locks: SimLocks
  readonly channels: SimChannels

  constructor({ time, random, hasLocks }: { time: VirtualTime, random: SeededRandom, hasLocks: boolean }) {
    this.hasLocks = hasLocks
    this.locks = new SimLocks(time)
    this.channels = new SimChannels({ time, random })
  }
}
