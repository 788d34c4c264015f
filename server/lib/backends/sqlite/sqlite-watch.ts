import { setImmediate as nextTurn } from 'node:timers/promises'
import { WorkspaceWatchers } from '../workspace-watchers'
import type { SqliteConnection } from './sqlite-connection'
import type { SqliteStatements } from './sqlite-statements'

export interface SqliteWatchOptions {
  connection: SqliteConnection
  sql: SqliteStatements
  /** Milliseconds. */
  pollMs: number
}

/** Workspaces whose version is read before others get a turn of the event loop: about a millisecond. */
const SLICE = 500

/**
 * Tells listeners when a watched workspace has a new commit. Commits of this process are reported to `tell`. Commits of other processes are
 * found by polling: SQLite's `data_version` shows that there was one, and the versions of the watched workspaces show where.
 */
export class SqliteWatch {
  readonly #watchers = new WorkspaceWatchers()
  /** The version of each watched workspace that its listeners last heard of. */
  readonly #versions = new Map<string, number>()
  #epoch: string | undefined
  #dataVersion: number | undefined
  #poll: ReturnType<typeof setInterval> | undefined
  #isLooking = false

  constructor(private readonly options: SqliteWatchOptions) {}

  add(workspaceId: string, onChange: () => void): () => void {
    const remove = this.#watchers.add(workspaceId, onChange)
    if (!this.#poll) this.#start()
    if (!this.#versions.has(workspaceId)) this.#versions.set(workspaceId, this.#readVersion(workspaceId))
    return () => {
      remove()
      if (!this.#watchers.has(workspaceId)) this.#versions.delete(workspaceId)
      if (this.#watchers.size === 0) this.stop()
    }
  }

  /** This process has committed. `version` is the new version of the workspace. */
  tell(workspaceId: string, version: number): void {
    if (this.#watchers.has(workspaceId)) this.#versions.set(workspaceId, version)
    this.#watchers.notify(workspaceId)
  }

  /** The epoch has changed, so all listeners are told. */
  tellEpoch(epoch: string): void {
    this.#epoch = epoch
    this.#watchers.notifyAll()
  }

  stop(): void {
    clearInterval(this.#poll)
    this.#poll = undefined
  }

  #start(): void {
    this.#dataVersion = this.#readDataVersion()
    this.#epoch = this.#readEpoch()
    this.#poll = setInterval(() => void this.#look(), this.options.pollMs)
    this.#poll.unref()
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    // If the store fails now, the next poll compares all versions.
    try { if (this.#hasNewCommit()) await this.#tellOfOthers() }
    catch { this.#dataVersion = undefined }
    finally { this.#isLooking = false }
  }

  #hasNewCommit(): boolean {
    const version = this.#readDataVersion()
    if (version === this.#dataVersion) return false
    this.#dataVersion = version
    return true
  }

  async #tellOfOthers(): Promise<void> {
    const epoch = this.#readEpoch()
    if (epoch !== this.#epoch) this.tellEpoch(epoch)
    const watched = this.#watchers.workspaces
    for (let start = 0; start < watched.length; start += SLICE) {
      for (const workspaceId of watched.slice(start, start + SLICE)) this.#compare(workspaceId)
      await nextTurn()
    }
  }

  #compare(workspaceId: string): void {
    if (!this.#watchers.has(workspaceId)) return
    const version = this.#readVersion(workspaceId)
    if (version !== this.#versions.get(workspaceId)) this.tell(workspaceId, version)
  }

  /** -1: the workspace does not exist yet, or was erased. */
  #readVersion(workspaceId: string): number {
    const { connection, sql } = this.options
    return connection.readNow(() => sql.workspaceVersion.get(workspaceId) as { version: number } | undefined)?.version ?? -1
  }

  /** Changes when another connection has committed. */
  #readDataVersion(): number {
    const { connection, sql } = this.options
    return connection.readNow(() => Number(sql.dataVersion.get()?.data_version))
  }

  #readEpoch(): string {
    const { connection, sql } = this.options
    return connection.readNow(() => String(sql.epoch.get()?.value))
  }
}
