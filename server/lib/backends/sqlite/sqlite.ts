import { laterPurge } from '#or3-sync/shared/sync/store/collectable'
import { addCommit, decodeHistory, encodeHistory, knowsMarks, newestMark } from '#or3-sync/shared/sync/store/commit-history'
import { isAhead } from '#or3-sync/shared/sync/store/device-row'
import { closePage, openPage } from '#or3-sync/shared/sync/store/feed-page'
import { foldPlan } from '#or3-sync/shared/sync/store/fold-push'
import type { FoldOutput } from '#or3-sync/shared/sync/store/fold-output'
import { planPush } from '#or3-sync/shared/sync/store/plan-push'
import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import { DEVICES_PER_USER } from '#or3-sync/shared/sync/protocol/limits'
import { decodePushMemory, encodePushMemory, forgottenWriters, writersOf } from '#or3-sync/shared/sync/store/push-memory'
import type { PushMemory } from '#or3-sync/shared/sync/store/push-memory'
import { SQLITE_PATH } from '#or3-sync/shared/sync/settings/module-settings'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { PageAnswer } from '#or3-sync/shared/sync/query/page-reader'
import type { BackendCursor, BackendFind, BackendGc, BackendGet, BackendList, BackendPrepare, BackendPull, BackendPush, BackendPushOutcome, BackendWrite, BackendWriteOutcome, EraseCounts, FeedPage, GcCounts, RowList, SyncBackend } from '../backend'
import { erasedNameOf } from './hidden-names'
import { LongWork } from './long-work'
import { openSqlite, PATIENCE_MS } from './open-sqlite'
import { prepareIndexes } from './queries/prepare-indexes'
import { createQueryStatements } from './queries/query-statements'
import type { QueryStatements } from './queries/query-statements'
import { SqliteConnection } from './sqlite-connection'
import { emptyLog, hideWorkspace, removeErased } from './sqlite-erase'
import { findInIndex } from './queries/sqlite-find'
import type { SnapshotHead } from './queries/sqlite-find'
import { collectGarbage } from './sqlite-garbage'
import { listRows } from './sqlite-list'
import { selectRows } from './sqlite-page'
import { toFoundRow } from './sqlite-rows'
import type { FoundColumns, WorkspaceRow } from './sqlite-rows'
import type { SqliteStatements } from './sqlite-statements'
import { SqliteWatch } from './sqlite-watch'
import { decideWrite, findRow } from './sqlite-write'

export interface SqliteBackendOptions {
  /** The store's file; its folder is made. Default: `.data/or3-sync.sqlite`. `:memory:` keeps nothing. */
  path?: string
  /** How often to look for commits of other processes while somebody watches, in milliseconds. Default: 1,000. */
  pollMs?: number
  /** Largest size of the file in bytes. A push that needs more is answered 503, and devices keep their edits. Default: no limit but the disk. */
  maxBytes?: number
  /** How long to wait for a file that another process has locked, in milliseconds. Default: 2,000. */
  patienceMs?: number
}

/**
 * The embedded store: one SQLite file, which several servers on one machine may share. Opens it synchronously.
 *
 * @throws Error of one line when it cannot be opened
 */
export function sqliteBackend(options: SqliteBackendOptions = {}): SyncBackend {
  const { db, sql, files, path } = openSqlite(options.path || SQLITE_PATH, options.maxBytes)
  return new SqliteBackend(new SqliteConnection(db, options.patienceMs ?? PATIENCE_MS, files), sql, path, options.pollMs ?? 1_000)
}

class SqliteBackend implements SyncBackend {
  readonly id = 'sqlite'
  readonly longWork = new LongWork()
  readonly #watchers: SqliteWatch
  readonly #queryStatements: QueryStatements

  /** `path`: null for a store in memory. */
  constructor(readonly connection: SqliteConnection, readonly sql: SqliteStatements, readonly path: string | null, pollMs: number) {
    this.#watchers = new SqliteWatch({ connection, sql, pollMs })
    this.#queryStatements = createQueryStatements(connection.db)
  }

  async push(request: BackendPush): Promise<BackendPushOutcome> {
    const outcome = await this.connection.transaction('BEGIN IMMEDIATE', () => {
      const known = this.#findWorkspace(request.workspaceId)
      const fold = this.#fold(known, request)
      if (fold.status === 'too-large') return fold
      const before = decodeHistory(known?.commits)
      const restored = request.mark !== undefined && !knowsMarks(before, request.mark)
      const commits = fold.applied > 0 ? addCommit(before, fold.version, request.now) : before
      const outcome = { status: 'pushed' as const, results: fold.results, serverVersion: fold.version, applied: fold.applied, previous: fold.previous, mark: newestMark(commits), ...restored && { restored } }
      // If every op was refused, nothing is written: no workspace is created, and an erased one stays erased.
      if (fold.writes.length + fold.remembered.size === 0) return outcome
      const { id } = known && !known.erased ? known : this.#enterWorkspace(request.workspaceId)
      for (const row of fold.writes) this.#write(id, row, request.now)
      if (fold.applied > 0) this.sql.commit.run(fold.version, encodeHistory(commits), id)
      this.#keepMemories(id, request, fold.remembered)
      return outcome
    })
    if (outcome.status === 'pushed' && outcome.applied > 0) this.#watchers.tell(request.workspaceId, outcome.serverVersion)
    return outcome
  }

  pull(request: BackendPull): Promise<FeedPage> {
    // One snapshot for the floor and the page. If GC committed between the two reads, the device would miss a tombstone and not be told to rescan.
    return this.connection.transaction('BEGIN', () => {
      const workspace = this.#findWorkspace(request.workspaceId)
      const page = openPage({ version: workspace?.version ?? 0, gcFloor: workspace?.gc_floor ?? 0, commits: decodeHistory(workspace?.commits) }, request)
      if (!workspace || page.requiresRescan) return { ...page, rows: [], epoch: this.#epoch() }
      const { rows, ...walk } = selectRows(this.sql, workspace.id, request)
      return { ...closePage(page, request, walk), rows, epoch: this.#epoch() }
    })
  }

  async write(request: BackendWrite): Promise<BackendWriteOutcome> {
    const outcome = await this.connection.transaction('BEGIN IMMEDIATE', (): BackendWriteOutcome => {
      const known = this.#findWorkspace(request.workspaceId)
      const plan = decideWrite(this.sql, known, request)
      if (!plan.ok) return plan
      const { writer, ...outcome } = plan
      // Nothing to store: no workspace is created, and an erased one stays erased.
      if (plan.writes.length === 0) return outcome
      const { id } = known && !known.erased ? known : this.#enterWorkspace(request.workspaceId)
      for (const row of plan.writes) this.#write(id, row, request.now)
      this.sql.commit.run(plan.version, encodeHistory(addCommit(decodeHistory(known?.commits), plan.version, request.now)), id)
      this.sql.keepHand.run(writer!.hlc, id)
      return outcome
    })
    if (outcome.ok && outcome.writes.length > 0) this.#watchers.tell(request.workspaceId, outcome.version)
    return outcome
  }

  get({ workspaceId, tableName, pk }: BackendGet): Promise<RecordRow | undefined> {
    return this.connection.transaction('BEGIN', () => {
      const workspace = this.#findWorkspace(workspaceId)
      const row = workspace && findRow(this.sql, workspace.id, tableName, pk)
      return row?.op === 'put' ? row : undefined
    })
  }

  list(request: BackendList): Promise<RowList> {
    return this.connection.transaction('BEGIN', () => {
      const workspace = this.#findWorkspace(request.workspaceId)
      return workspace ? listRows(this.sql, workspace.id, request) : { rows: [], hasMore: false }
    })
  }

  find(request: BackendFind): Promise<PageAnswer | null> {
    return findInIndex({ connection: this.connection, queryStatements: this.#queryStatements, head: workspaceId => this.#head(workspaceId) }, request)
  }

  prepare(request: BackendPrepare): Promise<void> {
    return this.longWork.add(prepareIndexes(this, request))
  }

  updateCursor(request: BackendCursor): Promise<'ok' | 'ahead'> {
    return this.connection.transaction('BEGIN IMMEDIATE', () => {
      const workspace = this.#findWorkspace(request.workspaceId)
      if (isAhead(request.version, workspace?.version ?? 0)) return 'ahead'
      // Nobody has written to the workspace yet, or since it was erased. So there is no tombstone that a cursor could protect.
      if (workspace && !workspace.erased) this.#moveCursor(workspace.id, request)
      return 'ok'
    })
  }

  latestVersion(workspaceId: string): Promise<number> {
    return this.connection.read(() => this.#findWorkspace(workspaceId)?.version ?? 0)
  }

  watch(workspaceId: string, onChange: () => void): () => void {
    return this.#watchers.add(workspaceId, onChange)
  }

  gc(request: BackendGc): Promise<GcCounts> {
    return this.longWork.add(collectGarbage(this, request))
  }

  async erase(workspaceId: string): Promise<EraseCounts> {
    await this.connection.transaction('BEGIN IMMEDIATE', () => hideWorkspace(this.sql, workspaceId))
    // Readers no longer find the workspace. Its streams are woken, so that they notice.
    this.#watchers.tell(workspaceId, -1)
    const counts = await removeErased(this, workspaceId)
    await emptyLog(this.connection)
    return counts
  }

  async newEpoch(): Promise<string> {
    const epoch = crypto.randomUUID()
    await this.connection.transaction('BEGIN IMMEDIATE', () => this.sql.setEpoch.run(epoch))
    this.#watchers.tellEpoch(epoch)
    return epoch
  }

  async health(): Promise<void> {
    await this.connection.read(() => this.#epoch())
  }

  async close(): Promise<void> {
    this.#watchers.stop()
    await this.longWork.end()
    this.connection.close()
  }

  #fold(known: WorkspaceRow | undefined, request: BackendPush): FoldOutput {
    const found = known ? this.#findRecords(known.id, request.items) : new Map<string, FoundColumns>()
    const answers = foldPlan(planPush({
      version: known?.version ?? 0,
      rows: new Map([...found].map(([key, columns]) => [key, toFoundRow(columns)])),
      remembered: known ? this.#readMemories(known.id, request) : new Map(),
      items: request.items,
      now: request.now,
      purgedBefore: laterPurge(request.purgedBefore, known?.purged_before),
    }))
    let step = answers.next()
    while (!step.done) step = answers.next(this.#readPayloads(step.value.map(key => found.get(key)!.id)))
    return step.value
  }

  #findRecords(workspace: number, items: readonly PushItem[]): Map<string, FoundColumns> {
    const found = new Map<string, FoundColumns>()
    for (const item of items) {
      const record = item.kind === 'op' ? item : item.record
      if (!record) continue
      const key = recordKey(record.tableName, record.pk)
      if (found.has(key)) continue
      const columns = this.sql.record.get(workspace, record.tableName, record.pk) as unknown as FoundColumns | undefined
      if (columns) found.set(key, columns)
    }
    return found
  }

  #readPayloads(ids: readonly number[]): Map<string, string> {
    const rows = this.sql.payloads.all(JSON.stringify(ids)) as unknown as { tbl: string, pk: string, payload: string }[]
    return new Map(rows.map(({ tbl, pk, payload }) => [recordKey(tbl, pk), payload]))
  }

  #readMemories(workspace: number, request: BackendPush): Map<string, PushMemory> {
    return new Map([...writersOf(request.items)].flatMap((node) => {
      const row = this.sql.memory.get(workspace, request.userId, node) as { memory: string } | undefined
      return row ? [[node, decodePushMemory(row.memory)]] : []
    }))
  }

  #keepMemories(workspace: number, { userId, now }: BackendPush, memories: ReadonlyMap<string, PushMemory>): void {
    if (memories.size === 0) return
    for (const [node, memory] of memories) {
      const text = encodePushMemory(memory)
      this.sql.remember.run(workspace, userId, node, now, text.length, text)
    }
    const known = this.sql.writers.all(workspace, userId) as unknown as { node: string, length: number }[]
    // Writers of this batch come first, because `seen_at` cannot order writes of the same millisecond.
    known.sort((a, b) => Number(memories.has(b.node)) - Number(memories.has(a.node)))
    for (const node of forgottenWriters(known)) this.sql.forgetWriter.run(workspace, userId, node)
  }

  #write(workspace: number, row: RecordRow, now: number): void {
    const { clock, hlc, opId, deviceId } = row.stamp
    this.sql.writeRecord.run(workspace, row.tableName, row.pk, row.serverVersion, row.op, clock, hlc, opId, deviceId, now, row.payload)
  }

  /** A user has at most `DEVICES_PER_USER` devices. A new one replaces those that were heard of longest ago. */
  #moveCursor(workspace: number, { userId, deviceId, now, version }: BackendCursor): void {
    const isKnown = this.sql.device.get(workspace, userId, deviceId)
    this.sql.moveCursor.run(workspace, userId, deviceId, now, version)
    if (!isKnown) this.sql.forgetIdleDevices.run(workspace, userId, deviceId, DEVICES_PER_USER - 1)
  }

  #findWorkspace(name: string): WorkspaceRow | undefined {
    const workspace = this.sql.workspace.get(name) as unknown as WorkspaceRow | undefined
    if (workspace) return workspace
    const erased = this.sql.workspace.get(erasedNameOf(name)) as unknown as WorkspaceRow | undefined
    return erased && { ...erased, erased: true }
  }

  /** The workspace for a write. A missing one is created. An erased one gets its name back and continues from its version. */
  #enterWorkspace(name: string): WorkspaceRow {
    const workspace = this.#findWorkspace(name)
    if (workspace?.erased) this.sql.rename.run(name, workspace.id)
    return workspace ?? this.sql.addWorkspace.get(name) as unknown as WorkspaceRow
  }

  #head(name: string): SnapshotHead {
    const workspace = this.#findWorkspace(name)
    return { id: workspace?.id, version: workspace?.version ?? 0, epoch: this.#epoch() }
  }

  #epoch(): string {
    return String(this.sql.epoch.get()?.value)
  }
}
