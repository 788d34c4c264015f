import { countCollectable, gcTimes, isPurgeable, isSilent, laterPurge, seenByAll } from '#or3-sync/shared/sync/store/collectable'
import { addCommit, blurHistory, knowsMarks, newestMark } from '#or3-sync/shared/sync/store/commit-history'
import type { CommitHistory } from '#or3-sync/shared/sync/store/commit-history'
import { DEVICES_PER_USER } from '#or3-sync/shared/sync/protocol/limits'
import { idleDevices, isAhead, moveDevice } from '#or3-sync/shared/sync/store/device-row'
import type { DeviceRow } from '#or3-sync/shared/sync/store/device-row'
import { closePage, openPage, pageFilter, pageStart, takesRow } from '#or3-sync/shared/sync/store/feed-page'
import type { Walk } from '#or3-sync/shared/sync/store/feed-page'
import { foldPush } from '#or3-sync/shared/sync/store/fold-push'
import { encodePushMemory, forgottenWriters, writersOf } from '#or3-sync/shared/sync/store/push-memory'
import type { PushMemory } from '#or3-sync/shared/sync/store/push-memory'
import { comparePrimaryKeys, keyRange } from '#or3-sync/shared/sync/store/key-order'
import { planWrite } from '#or3-sync/shared/sync/store/plan-write'
import type { ServerWriter } from '#or3-sync/shared/sync/store/server-edit'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import { rowBytes } from '#or3-sync/shared/sync/store/record-row'
import type { RecordRow } from '#or3-sync/shared/sync/store/record-row'
import type { BackendCursor, BackendGc, BackendGet, BackendList, BackendPull, BackendPush, BackendPushOutcome, BackendWrite, BackendWriteOutcome, EraseCounts, FeedPage, GcCounts, RowList, SyncBackend } from './backend'
import { WorkspaceWatchers } from './workspace-watchers'

interface DatedRow extends RecordRow { writtenAt: number }
interface Writer { memory: PushMemory, length: number, seenAt: number }
interface Workspace {
  version: number
  commits: CommitHistory
  gcFloor: number
  /** Deletions written before this were forgotten: 0 for none. */
  purgedBefore: number
  /** A write deletes its key and sets it again, so that the order of iteration is the order of versions. */
  rows: Map<string, DatedRow>
  /** By user and device id. */
  devices: Map<string, DeviceRow>
  /** By user, then by HLC node. The one that wrote last is at the end. */
  writers: Map<string, Map<string, Writer>>
  /** The clock of the server's own writes. */
  hand: ServerWriter | null
}

export interface RestorableBackend extends SyncBackend {
  /** Keeps a copy of everything. @returns a function that puts it back; call `newEpoch()` afterwards, as for any restored store */
  backUp(): () => void
}

/** A store in this process's memory, for tests and trials. It is gone when the process ends. */
export function memoryBackend(): RestorableBackend {
  return new MemoryBackend()
}

class MemoryBackend implements RestorableBackend {
  readonly id = 'memory'
  #workspaces = new Map<string, Workspace>()
  readonly #watchers = new WorkspaceWatchers()
  #epoch: string = crypto.randomUUID()

  async push(request: BackendPush): Promise<BackendPushOutcome> {
    const workspace = this.#workspace(request.workspaceId)
    const restored = request.mark !== undefined && !knowsMarks(workspace.commits, request.mark)
    const remembered = readMemories(workspace, request)
    const fold = foldPush({ version: workspace.version, rows: workspace.rows, remembered, items: request.items, now: request.now, purgedBefore: laterPurge(request.purgedBefore, workspace.purgedBefore) })
    if (fold.status === 'too-large') return fold
    keepMemories(workspace, request, fold.remembered)
    this.#commit(request, workspace, fold)
    return { status: 'pushed', results: fold.results, serverVersion: fold.version, applied: fold.applied, previous: fold.previous, mark: newestMark(workspace.commits), ...restored && { restored } }
  }

  async pull(request: BackendPull): Promise<FeedPage> {
    const workspace = this.#workspaces.get(request.workspaceId) ?? emptyWorkspace()
    const page = openPage(workspace, request)
    if (page.requiresRescan) return { ...page, rows: [], epoch: this.#epoch }
    const { rows, ...walk } = selectRows(workspace, request)
    return { ...closePage(page, request, walk), rows, epoch: this.#epoch }
  }

  async write(request: BackendWrite): Promise<BackendWriteOutcome> {
    const workspace = this.#workspace(request.workspaceId)
    const plan = planWrite({ ...request, version: workspace.version, rows: workspace.rows, writer: workspace.hand })
    if (!plan.ok) return plan
    const { writer, ...outcome } = plan
    workspace.hand = writer
    this.#commit(request, workspace, plan)
    return outcome
  }

  async get({ workspaceId, tableName, pk }: BackendGet): Promise<RecordRow | undefined> {
    const row = this.#workspaces.get(workspaceId)?.rows.get(recordKey(tableName, pk))
    return row?.op === 'put' ? row : undefined
  }

  async list(request: BackendList): Promise<RowList> {
    return listRows(this.#workspaces.get(request.workspaceId) ?? emptyWorkspace(), request)
  }

  async updateCursor(request: BackendCursor): Promise<'ok' | 'ahead'> {
    const version = this.#workspaces.get(request.workspaceId)?.version ?? 0
    if (isAhead(request.version, version)) return 'ahead'
    const { devices } = this.#workspace(request.workspaceId)
    const key = `${request.userId}\u0000${request.deviceId}`
    const known = devices.get(key)
    // The device that was heard of last goes to the end.
    devices.delete(key)
    devices.set(key, moveDevice(known, request))
    if (!known) forgetIdleDevices(devices, request.userId, key)
    return 'ok'
  }

  async latestVersion(workspaceId: string): Promise<number> {
    return this.#workspaces.get(workspaceId)?.version ?? 0
  }

  watch(workspaceId: string, onChange: () => void): () => void {
    return this.#watchers.add(workspaceId, onChange)
  }

  async gc(request: BackendGc): Promise<GcCounts> {
    const counts: GcCounts = { workspaces: this.#workspaces.size, tombstones: 0, devices: 0, purged: 0 }
    for (const workspace of this.#workspaces.values()) {
      counts.tombstones += collectTombstones(workspace, request)
      counts.purged += purge(workspace, request)
      counts.devices += forgetSilent(workspace, request)
    }
    return counts
  }

  async erase(workspaceId: string): Promise<EraseCounts> {
    const workspace = this.#workspaces.get(workspaceId)
    if (!workspace) return { records: 0, devices: 0 }
    const counts = { records: workspace.rows.size, devices: workspace.devices.size }
    workspace.rows.clear()
    workspace.devices.clear()
    workspace.writers.clear()
    workspace.hand = null
    workspace.gcFloor = ++workspace.version
    workspace.commits = blurHistory(workspace.commits, workspace.version)
    this.#watchers.notify(workspaceId)
    return counts
  }

  async newEpoch(): Promise<string> {
    this.#epoch = crypto.randomUUID()
    this.#watchers.notifyAll()
    return this.#epoch
  }

  backUp(): () => void {
    const copy = structuredClone(this.#workspaces)
    return () => { this.#workspaces = structuredClone(copy) }
  }

  async health(): Promise<void> {}

  async close(): Promise<void> {}

  /** Stores what a push or a write has decided, and tells watchers if that is anything. */
  #commit({ workspaceId, now }: { workspaceId: string, now: number }, workspace: Workspace, { writes, version }: { writes: readonly RecordRow[], version: number }): void {
    for (const row of writes) {
      const key = recordKey(row.tableName, row.pk)
      workspace.rows.delete(key)
      workspace.rows.set(key, { ...row, writtenAt: now })
    }
    if (writes.length === 0) return
    workspace.version = version
    workspace.commits = addCommit(workspace.commits, version, now)
    this.#watchers.notify(workspaceId)
  }

  #workspace(id: string): Workspace {
    let workspace = this.#workspaces.get(id)
    if (!workspace) this.#workspaces.set(id, workspace = emptyWorkspace())
    return workspace
  }
}

/** The rows of a page, and the version up to which the feed was searched. */
function selectRows({ rows: all }: Workspace, request: BackendPull): Walk & { rows: RecordRow[] } {
  const descending = request.order === 'desc'
  const start = pageStart(request)
  const passes = pageFilter(request)
  const rows: RecordRow[] = []
  let bytes = 0
  let lookedAt = request.cursor
  for (const row of descending ? [...all.values()].reverse() : all.values()) {
    const outside = descending ? row.serverVersion >= start : row.serverVersion <= start
    if (outside || row.collected || !passes(row)) continue
    const size = rowBytes(Buffer.byteLength(row.payload ?? ''), row.pk, row.stamp.deviceId)
    if (!takesRow({ rows: rows.length, bytes }, size, request)) return { rows, lookedAt, hasMore: true }
    bytes += size
    rows.push(row)
    lookedAt = row.serverVersion
  }
  return { rows, lookedAt, hasMore: false }
}

function listRows({ rows: all }: Workspace, request: BackendList): RowList {
  const { lower, includesLower, upper } = keyRange(request)
  const isIn = (pk: string) => comparePrimaryKeys(pk, lower) >= (includesLower ? 0 : 1) && (upper === undefined || comparePrimaryKeys(pk, upper) < 0)
  const found = [...all.values()].filter(row => row.tableName === request.tableName && row.op === 'put' && isIn(row.pk))
  found.sort((a, b) => request.order === 'desc' ? comparePrimaryKeys(b.pk, a.pk) : comparePrimaryKeys(a.pk, b.pk))
  const rows: RecordRow[] = []
  let bytes = 0
  for (const row of found) {
    const size = rowBytes(Buffer.byteLength(row.payload ?? ''), row.pk, row.stamp.deviceId)
    if (!takesRow({ rows: rows.length, bytes }, size, request)) return { rows, hasMore: true }
    bytes += size
    rows.push(row)
  }
  return { rows, hasMore: false }
}

function emptyWorkspace(): Workspace {
  return { version: 0, commits: [], gcFloor: 0, purgedBefore: 0, rows: new Map(), devices: new Map(), writers: new Map(), hand: null }
}

/** Takes tombstones out of the feed and raises the floor to the last of them. @returns how many */
function collectTombstones(workspace: Workspace, request: BackendGc): number {
  const times = gcTimes(request)
  const tombstones = [...workspace.rows.values()].filter(row => row.op === 'delete' && !row.collected)
  const collected = tombstones.slice(0, countCollectable(tombstones, { ...times, seenByAll: seenByAll(workspace.devices.values(), times) }))
  for (const row of collected) row.collected = true
  workspace.gcFloor = Math.max(workspace.gcFloor, collected.at(-1)?.serverVersion ?? 0)
  return collected.length
}

/** Forgets old deleted records and notes the time. From then on, older puts of unknown records are refused. @returns how many */
function purge(workspace: Workspace, request: BackendGc): number {
  const forgotten = [...workspace.rows].filter(([, row]) => isPurgeable(row, request))
  for (const [key] of forgotten) workspace.rows.delete(key)
  if (forgotten.length > 0) workspace.purgedBefore = laterPurge(workspace.purgedBefore, request.purgeBefore)
  return forgotten.length
}

/** Removes silent devices and writers. @returns how many devices */
function forgetSilent({ devices, writers }: Workspace, request: BackendGc): number {
  const times = gcTimes(request)
  const silent = [...devices].filter(([, device]) => isSilent(device, times))
  for (const [key] of silent) devices.delete(key)
  for (const known of writers.values()) {
    for (const [node, writer] of known) if (isSilent(writer, times)) known.delete(node)
  }
  return silent.length
}

/** Keeps a user's devices at `DEVICES_PER_USER`: those that were heard of longest ago go. */
function forgetIdleDevices(devices: Map<string, DeviceRow>, userId: string, added: string): void {
  const others = [...devices.keys()].filter(key => key !== added && key.startsWith(`${userId}\u0000`))
  for (const key of idleDevices(others.reverse(), DEVICES_PER_USER)) devices.delete(key)
}

function readMemories({ writers }: Workspace, { userId, items }: BackendPush): Map<string, PushMemory> {
  const known = writers.get(userId)
  return new Map([...writersOf(items)].flatMap((node) => {
    const writer = known?.get(node)
    return writer ? [[node, writer.memory]] : []
  }))
}

function keepMemories({ writers }: Workspace, { userId, now }: BackendPush, memories: ReadonlyMap<string, PushMemory>): void {
  if (memories.size === 0) return
  let known = writers.get(userId)
  if (!known) writers.set(userId, known = new Map())
  for (const [node, memory] of memories) {
    known.delete(node)
    known.set(node, { memory, length: encodePushMemory(memory).length, seenAt: now })
  }
  const newestFirst = [...known].reverse().map(([node, { length }]) => ({ node, length }))
  for (const node of forgottenWriters(newestFirst)) known.delete(node)
}
