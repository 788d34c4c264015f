import type { SyncEnvironment } from 'or3-sync/client'
import type { SeededRandom } from './seeded-random'
import { SimChannels } from './sim-channel'
import { SimDisk } from './sim-disk'
import { SimLocks } from './sim-locks'
import type { Actor, VirtualTime } from './virtual-time'

/** How Web Locks behave. `none`: the browser has none. `deaf`: they never answer. `refusing`: they reject. */
export type LockKind = 'working' | 'none' | 'deaf' | 'refusing'

export interface SimBrowserOptions {
  time: VirtualTime
  random: SeededRandom
  locks: LockKind
  /** BroadcastChannel and `storage.persist()` throw. */
  isStorageBlocked: boolean
}

/** What all tabs of one browser profile share, whoever is signed in. */
export class SimBrowser {
  readonly disk = new SimDisk()
  readonly locks: SimLocks
  readonly channels: SimChannels
  /** The user of the cookie. Null: requests are made as the user of the session that makes them. */
  cookie: string | null = null

  constructor(private readonly options: SimBrowserOptions) {
    this.locks = new SimLocks(options.time)
    this.channels = new SimChannels(options)
  }

  /** Whether Web Locks work, so that only one tab leads. */
  get hasLocks(): boolean {
    return this.options.locks === 'working' && !this.options.isStorageBlocked
  }

  locksFor(actor: Actor): SyncEnvironment['locks'] {
    switch (this.options.locks) {
      case 'working': return this.locks.for(actor)
      case 'none': return null
      case 'deaf': return { request: () => new Promise(() => {}) }
      case 'refusing': return { request: () => Promise.reject(new DOMException('no locks here', 'SecurityError')) }
    }
  }

  openChannel(actor: Actor, name: string): ReturnType<SyncEnvironment['channel']> {
    if (this.options.isStorageBlocked) throw new DOMException('storage is blocked', 'SecurityError')
    return this.channels.open(actor, name)
  }

  async persist(): Promise<null> {
    if (this.options.isStorageBlocked) throw new DOMException('storage is blocked', 'SecurityError')
    return null
  }
}
