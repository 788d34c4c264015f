import type { DatabaseSync } from 'node:sqlite'
import { addCommit, blurHistory, decodeHistory, encodeHistory, knowsMark, newestMark } from '#or3-sync/shared/sync/commit-history'
import { foldPush } from '#or3-sync/shared/sync/fold-push'
import type { PushItem } from '#or3-sync/shared/sync/fold-push'
import { decodePushMemory, encodePushMemory, forgottenWriters, writersOf } from '#or3-sync/shared/sync/push-memory'
import type { PushMemory } from '#or3-sync/shared/sync/push-memory'
import { recordKey } from '#or3-sync/shared/sync/record-row'
import type { RecordRow } from '#or3-sync/shared/sync/record-row'
import type { BackendCursor, BackendGc, BackendPull, BackendPush, BackendPushOutcome, EraseCounts, FeedPage, GcCounts, SyncBackend } from '../backend'
import { BackendUnavailableError } from '../backend-unavailable-error'
import { WorkspaceWatchers } from '../workspace-watchers'
import { describeSqliteError } from './describe-sqlite-error'
import { erasedName } from './erased-name'
import { openSqlite } from './open-sqlite'
import { padTables } from './pad-tables'
import { lazyRow, toRow } from './sqlite-rows'
import type { RecordColumns, WorkspaceRow } from './sqlite-rows'
import { createPullStatements, prepareStatements } from './sqlite-statements'
import type { SqliteStatements } from './sqlite-statements'

export interface SqliteBackendOptions {
  /** The store's file; its folder is made. Default: `.data/or3-sync.sqlite`. `:memory:` keeps nothing. */
  path?: string
  /** How often commits of other processes are looked for while someone watches, in milliseconds. Default: 1,000. */
  pollMs?: number
  /** The file never grows above this many bytes: a push that would is answered 503, and devices keep their edits. Default: as large as the disk. */
  maxBytes?: number
}

/** The embedded store: one SQLite file, which several servers on one machine may share. Opens at once and throws when it cannot. */
export function sqliteBackend(options: SqliteBackendOptions = {}): SyncBackend {
  return new SqliteBackend(openSqlite(options.path || '.data/or3-sync.sqlite', options.maxBytes), options.pollMs ?? 1_000)
}

/** The bound of a descending pull that names none: above every version. */
const NO_BOUND = Number.MAX_SAFE_INTEGER

class SqliteBackend implements SyncBackend {
  readonly id = 'sqlite'
  private readonly sql: SqliteStatements
  private readonly pullStatement: ReturnType<typeof createPullStatements>
  private readonly watchers = new WorkspaceWatchers()
  private poll: ReturnType<typeof setInterval> | null = null
  private dataVersion = 0
  private closed = false

  constructor(private readonly db: DatabaseSync, private readonly pollMs: number) {
    this.sql = prepareStatements(db)
    this.pullStatement = createPullStatements(db)
  }

  async push(request: BackendPush): Promise<BackendPushOutcome> {
    const outcome = this.transaction('BEGIN IMMEDIATE', () => {
      const known = this.findWorkspace(request.workspaceId)
      const fold = foldPush({
        version: known?.version ?? 0,
        rows: known ? this.readRows(known.id, request.items) : new Map(),
        remembered: known ? this.readMemories(known.id, request) : new Map(),
        items: request.items,
        now: request.now,
        continues: request.continues,
        purgedBefore: request.purgedBefore,
      })
      if (fold.status === 'too-large') return fold
      const before = decodeHistory(known?.commits)
      const commits = fold.applied > 0 ? addCommit(before, fold.version, request.now) : before
      const outcome = { status: 'pushed' as const, results: fold.results, serverVersion: fold.version, applied: fold.applied, mark: newestMark(commits) }
      // A batch that is refused whole neither makes a workspace nor gives an erased one its name back.
      if (fold.writes.length + fold.remembered.size === 0) return outcome
      const { id } = known && !known.erased ? known : this.enterWorkspace(request.workspaceId)
      for (const row of fold.writes) this.write(id, row, request.now)
      if (fold.applied > 0) this.sql.commit.run(fold.version, encodeHistory(commits), id)
      this.keepMemories(id, request, fold.remembered)
      return outcome
    })
    if (outcome.status === 'pushed' && outcome.applied > 0) this.watchers.notify(request.workspaceId)
    return outcome
  }

  async pull(request: BackendPull): Promise<FeedPage> {
    // One snapshot: were GC to commit between the look at the floor and the page, a tombstone would be missed.
    return this.transaction('BEGIN', () => {
      const workspace = this.findWorkspace(request.workspaceId)
      const { version, gc_floor: floor } = workspace ?? { version: 0, gc_floor: 0 }
      const commits = decodeHistory(workspace?.commits)
      const page: FeedPage = { rows: [], nextCursor: request.cursor, hasMore: false, latestVersion: version, requiresRescan: false, epoch: this.epoch(), mark: newestMark(commits) }
      if (request.mark !== undefined && !knowsMark(commits, request.mark)) return { ...page, requiresRescan: true, restored: true }
      const descending = request.order === 'desc'
      if (descending ? request.cursor > version + 1 : request.cursor > version || (!request.bootstrap && request.cursor < floor)) {
        page.requiresRescan = true
        return page
      }
      if (workspace) this.fillPage(page, workspace.id, request)
      if (!descending && !page.hasMore) page.nextCursor = version
      return page
    })
  }

  async updateCursor(request: BackendCursor): Promise<'ok' | 'ahead'> {
    return this.transaction('BEGIN IMMEDIATE', () => {
      const workspace = this.findWorkspace(request.workspaceId)
      if (request.version > (workspace?.version ?? 0)) return 'ahead'
      // Nobody has written there, yet or again: a cursor says nothing.
      if (workspace && !workspace.erased) this.sql.moveCursor.run(workspace.id, request.userId, request.deviceId, request.now, request.version)
      return 'ok'
    })
  }

  async latestVersion(workspaceId: string): Promise<number> {
    return this.read(() => this.findWorkspace(workspaceId)?.version ?? 0)
  }

  watch(workspaceId: string, onChange: () => void): () => void {
    const remove = this.watchers.add(workspaceId, onChange)
    if (!this.poll) {
      this.dataVersion = this.readDataVersion()
      this.poll = setInterval(() => this.lookForOthers(), this.pollMs)
      this.poll.unref()
    }
    return () => {
      remove()
      if (this.watchers.size === 0) this.stopPolling()
    }
  }

  async gc({ now, retentionMs, cursorExpiryMs, purgeBefore }: BackendGc): Promise<GcCounts> {
    const counts: GcCounts = { workspaces: 0, tombstones: 0, devices: 0, purged: 0 }
    for (const { id } of this.read(() => this.sql.workspaces.all() as unknown as Pick<WorkspaceRow, 'id'>[])) {
      // One transaction a workspace: a push elsewhere waits for one of them at most.
      counts.tombstones += this.transaction('BEGIN IMMEDIATE', () => this.collect(id, now - cursorExpiryMs, now - retentionMs))
      if (purgeBefore !== undefined) counts.purged += this.transaction('BEGIN IMMEDIATE', () => Number(this.sql.purge.run(id, purgeBefore).changes))
      counts.workspaces++
    }
    const silentSince = now - Math.max(retentionMs, cursorExpiryMs)
    counts.devices = this.transaction('BEGIN IMMEDIATE', () => {
      this.sql.forgetResults.run(silentSince)
      return Number(this.sql.forgetDevices.run(silentSince).changes)
    })
    return counts
  }

  async erase(workspaceId: string): Promise<EraseCounts> {
    const counts = this.transaction('BEGIN IMMEDIATE', () => {
      const workspace = this.findWorkspace(workspaceId)
      if (!workspace || workspace.erased) return { records: 0, devices: 0 }
      const records = Number(this.sql.eraseRecords.run(workspace.id).changes)
      const devices = Number(this.sql.eraseDevices.run(workspace.id).changes)
      this.sql.eraseResults.run(workspace.id)
      const commits = blurHistory(decodeHistory(workspace.commits), workspace.version + 1)
      this.sql.closeErased.run(erasedName(workspaceId), encodeHistory(commits), workspace.id)
      return { records, devices }
    })
    // `secure_delete` has overwritten the rows in the pages; older copies of these pages are still in the log.
    this.read(() => this.db.exec('PRAGMA wal_checkpoint(TRUNCATE)'))
    this.watchers.notify(workspaceId)
    return counts
  }

  async newEpoch(): Promise<string> {
    const epoch = crypto.randomUUID()
    this.transaction('BEGIN IMMEDIATE', () => this.sql.setEpoch.run(epoch))
    this.watchers.notifyAll()
    return epoch
  }

  async health(): Promise<void> {
    this.read(() => this.epoch())
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    this.stopPolling()
    this.db.close()
  }

  private readRows(workspace: number, items: readonly PushItem[]): Map<string, RecordRow> {
    const rows = new Map<string, RecordRow>()
    for (const item of items) {
      const record = item.kind === 'op' ? item : item.record
      if (!record) continue
      const key = recordKey(record.tableName, record.pk)
      if (rows.has(key)) continue
      const columns = this.sql.record.get(workspace, record.tableName, record.pk) as unknown as RecordColumns | undefined
      if (columns) rows.set(key, lazyRow(columns, this.sql.payload))
    }
    return rows
  }

  private readMemories(workspace: number, request: BackendPush): Map<string, PushMemory> {
    return new Map([...writersOf(request.items)].flatMap((node) => {
      const row = this.sql.memory.get(workspace, request.userId, node) as { memory: string } | undefined
      return row ? [[node, decodePushMemory(row.memory)]] : []
    }))
  }

  private keepMemories(workspace: number, { userId, now }: BackendPush, memories: ReadonlyMap<string, PushMemory>): void {
    if (memories.size === 0) return
    for (const [node, memory] of memories) {
      const text = encodePushMemory(memory)
      this.sql.remember.run(workspace, userId, node, now, text.length, text)
    }
    const known = this.sql.writers.all(workspace, userId) as unknown as { node: string, length: number }[]
    // Those of this batch first: within one millisecond the times do not tell.
    known.sort((a, b) => Number(memories.has(b.node)) - Number(memories.has(a.node)))
    for (const node of forgottenWriters(known)) this.sql.forgetWriter.run(workspace, userId, node)
  }

  private write(workspace: number, row: RecordRow, now: number): void {
    const { clock, hlc, opId, deviceId } = row.stamp
    this.sql.writeRecord.run(workspace, row.tableName, row.pk, row.serverVersion, row.op, clock, hlc, opId, deviceId, now, row.payload)
  }

  private fillPage(page: FeedPage, workspace: number, request: BackendPull): void {
    const descending = request.order === 'desc'
    const tables = padTables(request.tables ?? [])
    if (request.tables?.length === 0) return
    const bound = descending && request.cursor === 0 ? NO_BOUND : request.cursor
    const statement = this.pullStatement({ descending, putsOnly: descending || request.bootstrap, tables: tables.length })
    let bytes = 0
    for (const columns of statement.iterate(workspace, bound, ...tables, request.limit + 1) as unknown as Iterable<RecordColumns>) {
      const payload = columns.payload ?? null
      const size = payload === null ? 0 : Buffer.byteLength(payload)
      if (page.rows.length >= request.limit || (page.rows.length > 0 && bytes + size > request.maxBytes)) {
        page.hasMore = true
        return
      }
      bytes += size
      page.rows.push(toRow(columns, payload))
      page.nextCursor = columns.version
    }
  }

  /** Takes tombstones out of the feed and raises the floor to the highest of them. */
  private collect(workspace: number, liveSince: number, keepSince: number): number {
    const live = this.sql.lowestLiveCursor.get(workspace, liveSince) as { cursor: number | null }
    const seenByAll = live.cursor ?? NO_BOUND
    const found = this.sql.collectable.get(workspace, seenByAll, keepSince) as { floor: number | null, count: number }
    if (found.floor === null) return 0
    this.sql.collect.run(workspace, seenByAll, keepSince)
    this.sql.raiseFloor.run(found.floor, workspace)
    return found.count
  }

  private findWorkspace(name: string): WorkspaceRow | undefined {
    const workspace = this.sql.workspace.get(name) as unknown as WorkspaceRow | undefined
    if (workspace) return workspace
    const erased = this.sql.workspace.get(erasedName(name)) as unknown as WorkspaceRow | undefined
    return erased && { ...erased, erased: true }
  }

  /** The workspace somebody writes to: made where there is none; an erased one goes on from its version. */
  private enterWorkspace(name: string): WorkspaceRow {
    const workspace = this.findWorkspace(name)
    if (workspace?.erased) this.sql.rename.run(name, workspace.id)
    return workspace ?? this.sql.addWorkspace.get(name) as unknown as WorkspaceRow
  }

  private epoch(): string {
    return String(this.sql.epoch.get()?.value)
  }

  private readDataVersion(): number {
    return this.read(() => Number(this.sql.dataVersion.get()?.data_version))
  }

  /** `data_version` changes when another connection has committed. Which workspace it wrote to, the watchers find out. */
  private lookForOthers(): void {
    try {
      const version = this.readDataVersion()
      if (version === this.dataVersion) return
      this.dataVersion = version
    }
    // The store is away for now: the next look will tell.
    catch { return }
    this.watchers.notifyAll()
  }

  private stopPolling(): void {
    if (this.poll) clearInterval(this.poll)
    this.poll = null
  }

  /** Never awaits inside: this connection has one transaction at a time. */
  private transaction<T>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => T): T {
    return this.read(() => {
      this.db.exec(begin)
      try {
        const result = work()
        this.db.exec('COMMIT')
        return result
      }
      catch (error) {
        this.rollBack()
        throw error
      }
    })
  }

  private rollBack(): void {
    try { this.db.exec('ROLLBACK') }
    // Some errors (a full disk) make SQLite roll back by itself, and then there is nothing left to roll back.
    catch { /* the first error is the one to report */ }
  }

  /** Whatever SQLite itself complains of (locked, full, unreadable) is the store being away. */
  private read<T>(work: () => T): T {
    try { return work() }
    catch (error) {
      const code = (error as { code?: unknown } | null)?.code
      if (code !== 'ERR_SQLITE_ERROR' && !this.closed) throw error
      throw new BackendUnavailableError(`the SQLite store does not answer: ${describeSqliteError(error)}`, { cause: error })
    }
  }
}
