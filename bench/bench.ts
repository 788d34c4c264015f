import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { type BenchServer, startBenchServer } from './bench-server.ts'
import { type IdbStore, newProfile, type Remote, removeProfile, withPage } from './browser.ts'
import { bundleBench } from './bundle.ts'
import type { BenchSubject } from './page/subject.ts'
import type { ProfileKeeper } from './profile/profile-keeper.ts'
import type { SubjectName } from './subject-name.ts'

export type RemoteSubject = Remote<BenchSubject>

/** A workspace whose store holds rows, numbered from 0. */
export interface FilledWorkspace {
  workspace: string
  /** The keys of some of them. */
  keys: string[]
}

export interface BenchSettings {
  /** Rows of the bulk write, the drain and the bootstrap. Small cases have a tenth of it, large ones ten or a hundred times as many. */
  rows: number
  idb: IdbStore
  /** Whether the pages of other libraries are there, too. Default: false. */
  withPeers?: boolean
  /** Present: everything is profiled. */
  profiles?: ProfileKeeper
}

export interface PageOptions {
  /** The page to open. Default: the one named as the subject. */
  path?: string
  /** Where the server is for this page. Default: the benchmark's server itself. */
  origin?: string
  /** The browser's profile, see `withPage`. */
  profile?: string
}

/** How many rows are written into a store at once, and how many keys of them are remembered. */
const CHUNK = 10_000
const KEYS = 10

/** What every measure needs: the server, browsers, and workspaces that are empty or filled. */
export class Bench {
  readonly rows: number
  readonly idb: IdbStore
  readonly profiles: ProfileKeeper | undefined
  readonly #bundles: { folder: string, server: string }
  readonly #data: string
  readonly server: BenchServer
  #workspaces = 0
  readonly #filled = new Map<string, Promise<FilledWorkspace>>()
  readonly #devices = new Map<string, string>()

  private constructor(settings: BenchSettings, bundles: { folder: string, server: string }, data: string, server: BenchServer) {
    this.rows = settings.rows
    this.idb = settings.idb
    this.profiles = settings.profiles
    this.#bundles = bundles
    this.#data = data
    this.server = server
  }

  static async start(settings: BenchSettings): Promise<Bench> {
    const bundles = await bundleBench({ minify: !settings.profiles, withPeers: settings.withPeers })
    const data = await mkdtemp(join(tmpdir(), 'or3-bench-data-'))
    return new Bench(settings, bundles, data, await startBenchServer(bundles.server, bundles.folder, data))
  }

  /** Starts one more server with empty stores, on one core if the system can do that. It is stopped and its files are removed after `work`. */
  async withPinnedServer<T>(work: (server: BenchServer) => Promise<T>): Promise<T> {
    const data = await mkdtemp(join(tmpdir(), 'or3-bench-data-'))
    const server = await startBenchServer(this.#bundles.server, this.#bundles.folder, data, true)
    try {
      return await this.#profiled(server, () => work(server))
    }
    finally {
      await server.stop()
      await rm(data, { recursive: true, force: true })
    }
  }

  /** Returns the id of a workspace to which nothing has been written. */
  nextWorkspace(): string {
    return `bench-${this.#workspaces++}`
  }

  /** Opens a subject in a browser of its own, runs `work`, and closes the browser. */
  async withSubject<T, S extends object = BenchSubject>(name: SubjectName, work: (subject: Remote<S>, page: Page) => Promise<T>, { path = name, origin = this.server.origin, profile }: PageOptions = {}): Promise<T> {
    const page = { url: `${origin}/${path}`, idb: this.idb, watcher: this.profiles?.pageWatcher(), profile }
    return await this.#profiled(this.server, () => withPage(page, work))
  }

  /** Runs `work`, and profiles the server meanwhile if that was asked for. */
  async #profiled<T>(server: BenchServer, work: () => Promise<T>): Promise<T> {
    await this.profiles?.beginServer(server)
    try { return await work() }
    finally { await this.profiles?.endServer(server) }
  }

  /** A workspace whose store holds `count` rows of a device that is no longer there. It is filled once for all rounds, which may edit rows of it, but neither add nor delete any. */
  async filled(subject: SubjectName, count: number): Promise<FilledWorkspace> {
    const name = `${subject} ${count}`
    const known = this.#filled.get(name)
    if (known) return await known
    const filling = this.#fill(subject, count)
    this.#filled.set(name, filling)
    return await filling
  }

  async #fill(subject: SubjectName, count: number): Promise<FilledWorkspace> {
    const workspace = this.nextWorkspace()
    const keys: string[] = []
    for (let first = 0; first < count; first += CHUNK) {
      const answer = await this.server.tell({ do: 'fill', subject, workspace, first, count: Math.min(CHUNK, count - first) })
      keys.push(...answer.keys ?? [])
    }
    await this.expectStored(subject, workspace, count)
    // Spread over the rows.
    const every = Math.ceil(keys.length / KEYS)
    return { workspace, keys: keys.filter((_, index) => index % every === 0) }
  }

  /** The profile of a browser in which `subject` has bootstrapped the workspace `filled(subject, count)`. It is made if there is none. */
  async device(subject: SubjectName, count: number): Promise<string> {
    const known = this.#devices.get(`${subject} ${count}`)
    if (known) return known
    await this.bootstrapDevice(subject, count)
    return await this.device(subject, count)
  }

  /** Makes such a device anew. @returns how long its bootstrap took, in milliseconds */
  async bootstrapDevice(subject: SubjectName, count: number): Promise<number> {
    const { workspace } = await this.filled(subject, count)
    const profile = await newProfile()
    const time = await this.withSubject(subject, async (page) => {
      const taken = await page.bootstrap(workspace, count)
      await page.settle()
      return taken
    }, { profile })
    const name = `${subject} ${count}`
    const before = this.#devices.get(name)
    this.#devices.set(name, profile)
    if (before) await removeProfile(before)
    return time
  }

  /** Removes the devices, which take much space. */
  async removeDevices(): Promise<void> {
    for (const profile of this.#devices.values()) await removeProfile(profile)
    this.#devices.clear()
  }

  /** @throws Error when the subject's store does not hold exactly `count` rows in the workspace */
  async expectStored(subject: SubjectName, workspace: string, count: number): Promise<void> {
    const { count: stored } = await this.server.tell({ do: 'count', subject, workspace })
    if (stored !== count) throw new Error(`the store of ${subject} holds ${stored} of ${count} rows`)
  }

  async stop(): Promise<void> {
    await this.removeDevices()
    await this.server.stop()
    await rm(this.#data, { recursive: true, force: true })
  }
}

/** @throws Error when the subject does not hold exactly `count` rows */
export async function expectHeld(subject: RemoteSubject, count: number): Promise<void> {
  const held = await subject.count()
  if (held !== count) throw new Error(`the device holds ${held} of ${count} rows`)
}
