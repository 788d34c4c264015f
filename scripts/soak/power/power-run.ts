import { mkdir, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SeededRandom } from '../../../src/testing/simulation/seeded-random.ts'
import { ServerChild } from '../server/server-child.ts'
import type { Synchronous } from '../server/server-options.ts'
import { DiskImage, SURVIVALS, type Files } from './disk-image.ts'
import { readDiskLog, type DiskCall } from './disk-log.ts'
import { PowerLedger, type CutResult } from './power-ledger.ts'
import { PowerWriter } from './power-writer.ts'
import type { StoreContent } from './store-content.ts'

const WRITERS = 4
/** So often the store is new, so that cuts also meet its creation. */
const CUTS_PER_STORE = 10
/** The cut comes before a call of this number at the latest. */
const LATEST_CUT = 500
/** Half of the cuts of a new store come before this call, so before the server listens or soon after. */
const LATEST_EARLY_CUT = 60
/** When the server has made fewer calls until then, it is killed, in milliseconds. */
const PATIENCE_MS = 5_000
/** A log that is copied into the database this often has cuts meet that, too. */
const CHECKPOINT_PAGES = 40

export interface PowerOptions {
  synchronous: Synchronous
  cuts: number
  seed: number
  /** An empty folder for the stores. */
  folder: string
  library: string
  serverScript: string
  readStore: (path: string) => Promise<StoreContent>
}

export interface PowerTotals extends CutResult {
  cuts: number
  /** Cuts before the server listened. */
  inStart: number
  /** Calls that changed the store's files, and how many of those were syncs. */
  calls: number
  syncs: number
  /** Stores that could not be opened, or whose integrity check failed. */
  broken: number
}

/** Cuts the power of a server again and again, and compares what is left with what it had acknowledged. */
export class PowerRun {
  readonly totals: PowerTotals = { cuts: 0, inStart: 0, calls: 0, syncs: 0, acknowledged: 0, lost: 0, torn: 0, holes: 0, damaged: 0, broken: 0 }
  /** What was wrong with broken stores. */
  readonly complaints: string[] = []
  readonly #options: PowerOptions
  readonly #random: SeededRandom
  readonly #ledger = new PowerLedger()
  readonly #writers: PowerWriter[]
  #server!: ServerChild

  constructor(options: PowerOptions) {
    this.#options = options
    this.#random = new SeededRandom(options.seed)
    this.#writers = Array.from({ length: WRITERS }, (_, index) =>
      new PowerWriter({ name: `powercut${index}`, port: () => this.#server.port, ledger: this.#ledger, random: this.#random.fork() }))
  }

  async run(): Promise<PowerTotals> {
    let files: Files = new Map()
    for (let cut = 0; cut < this.#options.cuts; cut++) {
      if (cut % CUTS_PER_STORE === 0) {
        files = new Map()
        this.#ledger.restart()
      }
      files = await this.#cut(files)
      this.totals.cuts++
    }
    return this.totals
  }

  /** Runs the server upon these files until the cut. @returns the files that the cut has left; none when they are useless */
  async #cut(files: Files): Promise<Files> {
    const folder = join(await realpath(this.#options.folder), 'store')
    await writeFiles(folder, files)
    const log = join(this.#options.folder, 'calls.log')
    await rm(log, { force: true })
    const isEarly = files.size === 0 && this.#random.chance(0.5)
    await this.#serve(folder, log, this.#random.between(1, isEarly ? LATEST_EARLY_CUT : LATEST_CUT))
    const calls = readDiskLog(await readFile(log))
    this.totals.calls += calls.length
    this.totals.syncs += calls.filter(({ kind }) => kind === 'sync').length
    const image = await replay(files, calls, folder)
    const left = image.afterCut(this.#random.pick(SURVIVALS), this.#random)
    return await this.#check(left) ? left : new Map()
  }

  /** Runs server and writers until the call of the number `cut`. */
  async #serve(folder: string, log: string, cut: number): Promise<void> {
    const { serverScript, synchronous, library } = this.#options
    // FULL is the store's own setting, and it is the store that is tested: nothing is set then.
    const setting = synchronous === 'FULL' ? {} : { synchronous }
    this.#server = new ServerChild(serverScript, { path: join(folder, 'store.sqlite'), checkpointPages: CHECKPOINT_PAGES, ...setting })
    const patience = setTimeout(() => void this.#server.kill(), PATIENCE_MS)
    const failure = await this.#server.start({ LD_PRELOAD: library, OR3_POWER_DIR: folder, OR3_POWER_LOG: log, OR3_POWER_CUT: String(cut) }).then(() => null, String)
    if (failure === null) await Promise.all(this.#writers.map(writer => writer.run()))
    else if (this.#server.wasKilled) this.totals.inStart++
    else this.#complain(failure)
    await this.#server.kill()
    clearTimeout(patience)
  }

  /** Reads a copy, so that the next server has to recover the store by itself. @returns whether it can go on with it */
  async #check(left: Files): Promise<boolean> {
    const folder = join(this.#options.folder, 'copy')
    await writeFiles(folder, left)
    try {
      const content = await this.#options.readStore(join(folder, 'store.sqlite'))
      if (content.integrity !== 'ok') throw new Error(content.integrity)
      const result = this.#ledger.compare(content)
      for (const name of ['acknowledged', 'lost', 'torn', 'holes', 'damaged'] as const) this.totals[name] += result[name]
      return true
    }
    catch (error) {
      this.#complain(error instanceof Error ? error.message : String(error))
      this.#ledger.restart()
      return false
    }
  }

  #complain(complaint: string): void {
    this.totals.broken++
    this.complaints.push(complaint)
  }
}

/**
 * The disk after these calls.
 *
 * @throws Error when the folder is not what the calls have made of `files`: then the shim has missed a call, and no cut can be simulated
 */
async function replay(files: Files, calls: readonly DiskCall[], folder: string): Promise<DiskImage> {
  const image = new DiskImage(files)
  image.apply(calls)
  const found = await readFiles(folder)
  if (isSame(image.whole(), found)) return image
  // A kill from outside may have come between the record of a call and the call.
  const before = new DiskImage(files)
  before.apply(calls.slice(0, -1))
  if (isSame(before.whole(), found)) return before
  throw new Error(`the record of the shim is not complete: the files in ${folder} are not what the recorded calls make`)
}

function isSame(a: Files, b: Files): boolean {
  return a.size === b.size && [...a].every(([name, content]) => b.get(name)?.equals(content))
}

async function readFiles(folder: string): Promise<Files> {
  const names = (await readdir(folder)).filter(name => !name.endsWith('-shm'))
  return new Map(await Promise.all(names.map(async (name): Promise<[string, Buffer]> => [name, await readFile(join(folder, name))])))
}

async function writeFiles(folder: string, files: Files): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const [name, content] of files) await writeFile(join(folder, name), content)
}
