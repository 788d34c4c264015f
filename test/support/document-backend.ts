import { addCommit, blurHistory, comparePrimaryKeys, decodePushMemory, encodePushMemory, foldPush, forgottenWriters, keyRange, knowsMarks, newestMark, planWrite, recordKey, rowBytes, writersOf } from 'or3-sync/server'
import type { BackendCursor, BackendGc, BackendGet, BackendList, BackendPull, BackendPush, BackendPushOutcome, BackendWrite, BackendWriteOutcome, CommitHistory, EraseCounts, FeedPage, GcCounts, PushMemory, RecordRow, RowList, ServerWriter, SyncBackend } from 'or3-sync/server'

interface Device { userId: string, deviceId: string, cursor: number, seenAt: number }

/** What one writer, a node of a user's HLCs, was last answered. */
interface Writer { userId: string, node: string, memory: string, seenAt: number }

/** A workspace as one document; rows in the order of their versions, devices and writers in the order in which they were heard of. `hand`: the clock of the server's own writes. */
interface Workspace { version: number, floor: number, purgedBefore: number, commits: CommitHistory, rows: (RecordRow & { writtenAt: number })[], devices: Device[], writers: Writer[], hand: ServerWriter | null }

const NEW: Workspace = { version: 0, floor: 0, purgedBefore: 0, commits: [], rows: [], devices: [], writers: [], hand: null }
const DEVICES_PER_USER = 64

/** Keeps each workspace as a JSON text under its id, and the epoch under ''. The Map stands for your database. */
export class DocumentBackend implements SyncBackend {
  readonly id = 'documents'
  readonly #watchers = new Set<{ workspaceId: string, onChange: () => void }>()
  #last: Promise<unknown> = Promise.resolve()

  constructor(private readonly documents = new Map<string, string>()) {}

  push({ workspaceId, userId, items, now, purgedBefore, mark }: BackendPush): Promise<BackendPushOutcome> {
    return this.#transaction(workspaceId, (workspace): BackendPushOutcome => {
      const rows = new Map(workspace.rows.map(row => [recordKey(row.tableName, row.pk), row]))
      const restored = mark !== undefined && !knowsMarks(workspace.commits, mark)
      const remembered = new Map<string, PushMemory>()
      for (const node of writersOf(items)) {
        const known = workspace.writers.find(writer => writer.userId === userId && writer.node === node)
        if (known) remembered.set(node, decodePushMemory(known.memory))
      }
      const fold = foldPush({ version: workspace.version, rows, remembered, items, now, purgedBefore: Math.max(purgedBefore ?? 0, workspace.purgedBefore) })
      if (fold.status === 'too-large') return fold
      keepMemories(workspace, userId, fold.remembered, now)
      commit(workspace, fold, now)
      return { status: 'pushed', results: fold.results, serverVersion: fold.version, applied: fold.applied, previous: fold.previous, mark: newestMark(workspace.commits), ...restored && { restored } }
    })
  }

  write({ workspaceId, edits, schema, now }: BackendWrite): Promise<BackendWriteOutcome> {
    return this.#transaction(workspaceId, (workspace): BackendWriteOutcome => {
      const rows = new Map(workspace.rows.map(row => [recordKey(row.tableName, row.pk), row]))
      const plan = planWrite({ schema, edits, version: workspace.version, rows, writer: workspace.hand, now })
      if (!plan.ok) return plan
      const { writer, ...outcome } = plan
      workspace.hand = writer
      commit(workspace, plan, now)
      return outcome
    })
  }

  async get({ workspaceId, tableName, pk }: BackendGet): Promise<RecordRow | undefined> {
    return this.#read(workspaceId).rows.find(row => row.tableName === tableName && row.pk === pk && row.op === 'put')
  }

  async list({ workspaceId, tableName, prefix, after, limit, order, maxBytes }: BackendList): Promise<RowList> {
    const { lower, includesLower, upper } = keyRange({ prefix, after, order })
    const isIn = (pk: string) => comparePrimaryKeys(pk, lower) >= (includesLower ? 0 : 1) && (upper === undefined || comparePrimaryKeys(pk, upper) < 0)
    const found = this.#read(workspaceId).rows.filter(row => row.tableName === tableName && row.op === 'put' && isIn(row.pk))
    found.sort((a, b) => order === 'desc' ? comparePrimaryKeys(b.pk, a.pk) : comparePrimaryKeys(a.pk, b.pk))
    const rows: RecordRow[] = []
    let bytes = 0
    for (const row of found) {
      bytes += rowBytes(Buffer.byteLength(row.payload ?? ''), row.pk, row.stamp.deviceId)
      if (rows.length >= limit || (rows.length > 0 && bytes > maxBytes)) return { rows, hasMore: true }
      rows.push(row)
    }
    return { rows, hasMore: false }
  }

  async pull({ workspaceId, cursor, limit, tables, order, bootstrap, maxBytes, mark }: BackendPull): Promise<FeedPage> {
    const { version, floor, rows, commits } = this.#read(workspaceId)
    const page: FeedPage = { rows: [], nextCursor: cursor, hasMore: false, latestVersion: version, requiresRescan: false, epoch: this.documents.get('') ?? '0', mark: newestMark(commits) }
    if (mark !== undefined && !knowsMarks(commits, mark)) return { ...page, requiresRescan: true, restored: true }
    const down = order === 'desc'
    if (cursor > version + (down ? 1 : 0) || (!down && !bootstrap && cursor < floor)) return { ...page, requiresRescan: true }
    let bytes = 0
    for (const row of down ? rows.reverse() : rows) {
      if (row.collected || (down ? cursor > 0 && row.serverVersion >= cursor : row.serverVersion <= cursor)) continue
      if ((tables && !tables.includes(row.tableName)) || ((bootstrap || down) && row.op === 'delete')) continue
      const size = rowBytes(Buffer.byteLength(row.payload ?? ''), row.pk, row.stamp.deviceId)
      if (page.rows.length >= limit || (page.rows.length > 0 && bytes + size > maxBytes)) return { ...page, hasMore: true }
      bytes += size
      page.rows.push(row)
      page.nextCursor = row.serverVersion
    }
    return down ? page : { ...page, nextCursor: version }
  }

  updateCursor({ workspaceId, userId, deviceId, version, now }: BackendCursor): Promise<'ok' | 'ahead'> {
    return this.#transaction(workspaceId, (workspace) => {
      if (version > workspace.version) return 'ahead'
      const known = workspace.devices.find(device => device.userId === userId && device.deviceId === deviceId)
      const others = workspace.devices.filter(device => device !== known)
      const idle = others.find(device => device.userId === userId)
      const isFull = others.filter(device => device.userId === userId).length >= DEVICES_PER_USER
      workspace.devices = [...others.filter(device => !isFull || device !== idle), { userId, deviceId, cursor: Math.max(known?.cursor ?? 0, version), seenAt: now }]
      return 'ok'
    })
  }

  async gc({ now, retentionMs, cursorExpiryMs, purgeBefore = 0 }: BackendGc): Promise<GcCounts> {
    const counts: GcCounts = { workspaces: 0, tombstones: 0, devices: 0, purged: 0 }
    for (const id of [...this.documents.keys()].filter(Boolean)) {
      await this.#transaction(id, (workspace) => {
        const live = workspace.devices.filter(({ seenAt }) => seenAt >= now - cursorExpiryMs)
        const seenByAll = Math.min(workspace.version, ...live.map(({ cursor }) => cursor))
        for (const row of workspace.rows) {
          if (row.op !== 'delete' || row.collected || (row.serverVersion > seenByAll && row.writtenAt >= now - retentionMs)) continue
          row.collected = true // the revision stays: an old put must still lose to it
          workspace.floor = Math.max(workspace.floor, row.serverVersion)
          counts.tombstones++
        }
        const rows = workspace.rows.filter(({ collected, writtenAt }) => !collected || writtenAt >= purgeBefore)
        counts.purged += workspace.rows.length - rows.length
        if (rows.length < workspace.rows.length) workspace.purgedBefore = Math.max(workspace.purgedBefore, purgeBefore)
        workspace.rows = rows
        const isHeardOf = ({ seenAt }: { seenAt: number }) => seenAt >= now - Math.max(retentionMs, cursorExpiryMs)
        const devices = workspace.devices.filter(isHeardOf)
        counts.devices += workspace.devices.length - devices.length
        Object.assign(workspace, { devices, writers: workspace.writers.filter(isHeardOf) })
      })
      counts.workspaces++
    }
    return counts
  }

  erase(workspaceId: string): Promise<EraseCounts> {
    return this.#transaction(workspaceId, (workspace) => {
      const counts = { records: workspace.rows.length, devices: workspace.devices.length }
      // The version goes on above the old one; here it stays under the workspace's own id.
      if (workspace.version > 0) workspace.floor = ++workspace.version
      Object.assign(workspace, { rows: [], devices: [], writers: [], hand: null, commits: blurHistory(workspace.commits, workspace.version) })
      return counts
    })
  }

  async newEpoch(): Promise<string> {
    const epoch = crypto.randomUUID()
    this.documents.set('', epoch)
    for (const { onChange } of this.#watchers) onChange()
    return epoch
  }

  watch(workspaceId: string, onChange: () => void): () => void {
    const watcher = { workspaceId, onChange }
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  async latestVersion(workspaceId: string): Promise<number> { return this.#read(workspaceId).version }
  async health(): Promise<void> {}
  async close(): Promise<void> {}

  #read(id: string): Workspace {
    return JSON.parse(this.documents.get(id) ?? JSON.stringify(NEW)) as Workspace
  }

  /** Reads, changes and writes one workspace, one after the other; watchers hear of it when it is written. */
  #transaction<T>(id: string, change: (workspace: Workspace) => T): Promise<T> {
    const turn = this.#last.then(() => {
      const workspace = this.#read(id)
      const before = workspace.version
      const result = change(workspace)
      this.documents.set(id, JSON.stringify(workspace))
      if (workspace.version > before) for (const watcher of this.#watchers) if (watcher.workspaceId === id) watcher.onChange()
      return result
    })
    this.#last = turn.catch(() => {})
    return turn
  }
}

/** Stores what a push or a write has decided. */
function commit(workspace: Workspace, { writes, version }: { writes: readonly RecordRow[], version: number }, now: number): void {
  if (writes.length === 0) return
  const rows = new Map(workspace.rows.map(row => [recordKey(row.tableName, row.pk), row]))
  for (const row of writes) {
    const key = recordKey(row.tableName, row.pk)
    rows.delete(key) // so that the new revision stands last
    rows.set(key, { ...row, writtenAt: now })
  }
  Object.assign(workspace, { version, rows: [...rows.values()], commits: addCommit(workspace.commits, version, now) })
}

/** A user's writers are bounded, in number and in text. */
function keepMemories(workspace: Workspace, userId: string, memories: ReadonlyMap<string, PushMemory>, seenAt: number): void {
  const others = workspace.writers.filter(writer => writer.userId !== userId || !memories.has(writer.node))
  const writers = [...others, ...[...memories].map(([node, memory]) => ({ userId, node, memory: encodePushMemory(memory), seenAt }))]
  const newestFirst = writers.filter(writer => writer.userId === userId).reverse()
  const forgotten = forgottenWriters(newestFirst.map(({ node, memory }) => ({ node, length: memory.length })))
  workspace.writers = writers.filter(writer => writer.userId !== userId || !forgotten.includes(writer.node))
}
