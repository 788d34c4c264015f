import { foldPush } from '#or3-sync/shared/sync/fold-push'
import type { PushMemory } from '#or3-sync/shared/sync/push-memory'
import { recordKey } from '#or3-sync/shared/sync/record-row'
import type { RecordRow } from '#or3-sync/shared/sync/record-row'
import type { BackendCursor, BackendGc, BackendPull, BackendPush, BackendPushOutcome, EraseCounts, FeedPage, GcCounts, SyncBackend } from '../backend'
import { WorkspaceWatchers } from '../workspace-watchers'

interface StoredRow extends RecordRow { writtenAt: number }
interface Device { cursor: number | null, seenAt: number, memory: PushMemory }
interface Workspace {
  version: number
  gcFloor: number
  /** A write deletes and sets its key again, so that iteration order is version order. */
  rows: Map<string, StoredRow>
  devices: Map<string, Device>
}

export interface RestorableBackend extends SyncBackend {
  /** Keeps a copy of everything. @returns what puts it back; `newEpoch()` comes after, as with any restored store. */
  backUp(): () => void
}

/** A store in this process's memory, for tests and trials. Gone when the process is. */
export function memoryBackend(): RestorableBackend {
  return new MemoryBackend()
}

class MemoryBackend implements RestorableBackend {
  readonly id = 'memory'
  private workspaces = new Map<string, Workspace>()
  private readonly watchers = new WorkspaceWatchers()
  private epoch: string = crypto.randomUUID()

  async push(request: BackendPush): Promise<BackendPushOutcome> {
    const workspace = this.workspace(request.workspaceId)
    const remembered = new Map<string, PushMemory>()
    for (const item of request.items) {
      if (item.kind === 'op') remembered.set(item.stamp.deviceId, this.device(workspace, request.userId, item.stamp.deviceId, request.now).memory)
    }
    const fold = foldPush({ version: workspace.version, rows: workspace.rows, remembered, items: request.items, now: request.now, continues: request.continues, purgedBefore: request.purgedBefore })
    if (fold.status === 'too-large') return fold
    for (const row of fold.writes) {
      const key = recordKey(row.tableName, row.pk)
      workspace.rows.delete(key)
      workspace.rows.set(key, { ...row, writtenAt: request.now })
    }
    for (const [deviceId, memory] of fold.remembered) this.device(workspace, request.userId, deviceId, request.now).memory = memory
    workspace.version = fold.version
    if (fold.applied > 0) this.watchers.notify(request.workspaceId)
    return { status: 'pushed', results: fold.results, serverVersion: fold.version, applied: fold.applied }
  }

  async pull(request: BackendPull): Promise<FeedPage> {
    const { version, gcFloor, rows } = this.workspaces.get(request.workspaceId) ?? { version: 0, gcFloor: 0, rows: new Map<string, StoredRow>() }
    const page: FeedPage = { rows: [], nextCursor: request.cursor, hasMore: false, latestVersion: version, requiresRescan: false, epoch: this.epoch }
    const descending = request.order === 'desc'
    if (descending ? request.cursor > version + 1 : request.cursor > version || (!request.bootstrap && request.cursor < gcFloor)) {
      return { ...page, requiresRescan: true }
    }
    const tables = request.tables && new Set(request.tables)
    let bytes = 0
    for (const row of descending ? [...rows.values()].reverse() : rows.values()) {
      const outside = descending ? request.cursor > 0 && row.serverVersion >= request.cursor : row.serverVersion <= request.cursor
      if (outside || row.collected || (tables && !tables.has(row.tableName))) continue
      if ((request.bootstrap || descending) && row.op === 'delete') continue
      const size = row.payload === null ? 0 : Buffer.byteLength(row.payload)
      if (page.rows.length >= request.limit || (page.rows.length > 0 && bytes + size > request.maxBytes)) {
        page.hasMore = true
        break
      }
      bytes += size
      page.rows.push(row)
      page.nextCursor = row.serverVersion
    }
    if (!descending && !page.hasMore) page.nextCursor = version
    return page
  }

  async updateCursor(request: BackendCursor): Promise<'ok' | 'ahead'> {
    const version = this.workspaces.get(request.workspaceId)?.version ?? 0
    if (request.version > version) return 'ahead'
    const device = this.device(this.workspace(request.workspaceId), request.userId, request.deviceId, request.now)
    device.cursor = Math.max(device.cursor ?? 0, request.version)
    return 'ok'
  }

  async latestVersion(workspaceId: string): Promise<number> {
    return this.workspaces.get(workspaceId)?.version ?? 0
  }

  watch(workspaceId: string, onChange: () => void): () => void {
    return this.watchers.add(workspaceId, onChange)
  }

  async gc({ now, retentionMs, cursorExpiryMs, purgeBefore }: BackendGc): Promise<GcCounts> {
    const counts: GcCounts = { workspaces: this.workspaces.size, tombstones: 0, devices: 0, purged: 0 }
    for (const workspace of this.workspaces.values()) {
      const live = [...workspace.devices.values()].filter(device => device.cursor !== null && device.seenAt >= now - cursorExpiryMs)
      const seenByAll = Math.min(workspace.version, ...live.map(device => device.cursor!))
      for (const row of workspace.rows.values()) {
        if (row.op !== 'delete' || row.collected) continue
        if (row.serverVersion > seenByAll && row.writtenAt >= now - retentionMs) continue
        row.collected = true
        workspace.gcFloor = Math.max(workspace.gcFloor, row.serverVersion)
        counts.tombstones++
      }
      for (const [key, row] of workspace.rows) {
        if (!row.collected || purgeBefore === undefined || row.writtenAt >= purgeBefore) continue
        workspace.rows.delete(key)
        counts.purged++
      }
      for (const [key, device] of workspace.devices) {
        if (device.seenAt >= now - Math.max(retentionMs, cursorExpiryMs)) continue
        workspace.devices.delete(key)
        counts.devices++
      }
    }
    return counts
  }

  async erase(workspaceId: string): Promise<EraseCounts> {
    const workspace = this.workspaces.get(workspaceId)
    if (!workspace) return { records: 0, devices: 0 }
    const counts = { records: workspace.rows.size, devices: workspace.devices.size }
    workspace.rows.clear()
    workspace.devices.clear()
    workspace.gcFloor = ++workspace.version
    this.watchers.notify(workspaceId)
    return counts
  }

  async newEpoch(): Promise<string> {
    this.epoch = crypto.randomUUID()
    this.watchers.notifyAll()
    return this.epoch
  }

  backUp(): () => void {
    const copy = structuredClone(this.workspaces)
    return () => { this.workspaces = structuredClone(copy) }
  }

  async health(): Promise<void> {}

  async close(): Promise<void> {}

  private workspace(id: string): Workspace {
    let workspace = this.workspaces.get(id)
    if (!workspace) this.workspaces.set(id, workspace = { version: 0, gcFloor: 0, rows: new Map(), devices: new Map() })
    return workspace
  }

  private device(workspace: Workspace, userId: string, deviceId: string, now: number): Device {
    const key = `${userId}\u0000${deviceId}`
    let device = workspace.devices.get(key)
    if (!device) workspace.devices.set(key, device = { cursor: null, seenAt: now, memory: new Map() })
    device.seenAt = now
    return device
  }
}
