import type { SeededRandom } from '../../../src/testing/simulation/seeded-random.ts'
import type { DiskCall, NameChange } from './disk-log.ts'

/** The files of a folder by name. */
export type Files = Map<string, Buffer>

/**
 * What a disk keeps of the writes to a file since its last sync: none, all, the first ones, or for each sector of 512 bytes the first ones
 * of its own. The last is what a page cache may have done: it writes pages back in any order, at any time.
 */
export const SURVIVALS = ['nothing', 'everything', 'prefix', 'sectors'] as const
export type Survival = typeof SURVIVALS[number]

type Change = Extract<DiskCall, { kind: 'write' | 'truncate' }>

const SECTOR = 512

/** One file, whatever its name: what is on disk, and what was written since. */
interface Inode {
  synced: Buffer
  unsynced: Change[]
}

/** A folder on a disk with a cache that loses its content when the power goes. */
export class DiskImage {
  /** The names as the process sees them. */
  readonly #names = new Map<string, Inode>()
  /** The names that are on disk. */
  #syncedNames: Map<string, Inode>
  #unsyncedNames: { change: NameChange, inode: Inode }[] = []

  /** `files`: what is on disk at the beginning. */
  constructor(files: Files) {
    for (const [name, content] of files) this.#names.set(name, { synced: content, unsynced: [] })
    this.#syncedNames = new Map(this.#names)
  }

  apply(calls: readonly DiskCall[]): void {
    for (const call of calls) this.#apply(call)
  }

  /** The folder as the process has left it, nothing lost: what a `kill -9` leaves. */
  whole(): Files {
    return new Map([...this.#names].map(([name, inode]) => [name, inode.unsynced.reduce(changed, inode.synced)]))
  }

  /** The folder after a power cut. `survival`: of the writes that were not synced. Names that were not synced survive up to a random one. */
  afterCut(survival: Survival, random: SeededRandom): Files {
    const names = new Map(this.#syncedNames)
    const kept = survival === 'nothing' ? 0 : survival === 'everything' ? this.#unsyncedNames.length : random.between(0, this.#unsyncedNames.length)
    for (const { change, inode } of this.#unsyncedNames.slice(0, kept)) rename(names, change, inode)
    return new Map([...names].map(([name, inode]) => [name, survivor(inode, survival, random)]))
  }

  #apply(call: DiskCall): void {
    if (call.kind === 'sync-folder') {
      this.#syncedNames = new Map(this.#names)
      this.#unsyncedNames = []
      return
    }
    const inode = call.kind === 'create' ? { synced: Buffer.alloc(0), unsynced: [] } : this.#names.get(call.name)
    if (!inode) throw new Error(`${call.kind} of "${call.name}", which does not exist: the record is not complete`)
    switch (call.kind) {
      case 'sync':
        inode.synced = inode.unsynced.reduce(changed, inode.synced)
        inode.unsynced = []
        break
      case 'write': case 'truncate': inode.unsynced.push(call)
        break
      default:
        rename(this.#names, call, inode)
        this.#unsyncedNames.push({ change: call, inode })
    }
  }
}

function rename(names: Map<string, Inode>, change: NameChange, inode: Inode): void {
  if (change.kind === 'create') names.set(change.name, inode)
  else names.delete(change.name)
  if (change.kind === 'rename') names.set(change.to, inode)
}

/** The content after the change. What lies between the old end and a write behind it is zero. */
function changed(content: Buffer, change: Change): Buffer {
  const size = change.kind === 'truncate' ? change.size : Math.max(content.length, change.offset + change.data.length)
  const next = Buffer.alloc(size)
  content.copy(next)
  if (change.kind === 'write') change.data.copy(next, change.offset)
  return next
}

function survivor({ synced, unsynced }: Inode, survival: Survival, random: SeededRandom): Buffer {
  if (survival === 'sectors') return mixedSectors(synced, unsynced, random)
  const kept = survival === 'nothing' ? 0 : survival === 'everything' ? unsynced.length : random.between(0, unsynced.length)
  return unsynced.slice(0, kept).reduce(changed, synced)
}

/** Each sector as it was after some number of the changes, each by its own chance, and so is the size. */
function mixedSectors(synced: Buffer, unsynced: readonly Change[], random: SeededRandom): Buffer {
  const sizes = [synced.length]
  for (const change of unsynced) sizes.push(change.kind === 'truncate' ? change.size : Math.max(sizes.at(-1)!, change.offset + change.data.length))
  const content = Buffer.alloc(Math.max(...sizes))
  synced.copy(content)
  const kept = Array.from({ length: Math.ceil(content.length / SECTOR) }, () => random.between(0, unsynced.length))
  unsynced.forEach((change, index) => {
    const [from, to] = change.kind === 'truncate' ? [change.size, content.length] : [change.offset, change.offset + change.data.length]
    for (let sector = Math.floor(from / SECTOR); sector * SECTOR < to; sector++) {
      if (index >= kept[sector]!) continue
      const [start, end] = [Math.max(from, sector * SECTOR), Math.min(to, (sector + 1) * SECTOR)]
      if (change.kind === 'truncate') content.fill(0, start, end)
      else change.data.copy(content, start, start - from, end - from)
    }
  })
  return content.subarray(0, random.pick(sizes))
}
