import type { SyncEnvironment } from 'or3-sync/client'
import type { SeededRandom } from './seeded-random'
import { SimChannels } from './sim-channel'
import { SimDisk } from './sim-disk'
import { SimLocks } from './sim-locks'
import type { Actor, VirtualTime } from './virtual-time'

/** How Web Locks are: `none` at all, `deaf` ones never answer, `refusing` ones reject. */
export type LockKind = 'working' | 'none' | 'deaf' | 'refusing'

export interface SimBrowserOptions {
  time: VirtualTime
  random: SeededRandom
  locks: LockKind
  /** Channels throw, and so does the wish to keep the data. */
  isStorageBlocked: boolean
}

/** What the tabs of one browser profile share, whoever is signed in. */
export class SimBrowser {
  readonly disk = new SimDisk()
  readonly locks: SimLocks
  readonly channels: SimChannels
  /** Whom the cookie names; null: whosever session asks. */
  cookie: string | null = null

  constructor(private readonly options: SimBrowserOptions) {
    this.locks = new SimLocks(options.time)
    this.channels = new SimChannels(options)
  }

  /** Whether one tab alone may lead. */
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
