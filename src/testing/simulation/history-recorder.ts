import type { PendingOp } from 'or3-sync/client'
import { compareRevisions, type Revision } from '#or3-sync/shared/sync/protocol/revision'
import type { PushItem } from '#or3-sync/shared/sync/store/push-item'
import { checkHistory } from '../consistency/check-history'
import type { RecordedHistory, RecordedWrite, StoreCommit } from '../consistency/recorded-history'
import { keptBackOps, readerExceptions } from './reader-exceptions'
import { dropUntil, isSame, newSession, type Session } from './recorded-session'
import type { SimDevice } from './sim-device'
import type { SimWorld } from './sim-world'
import type { OracleRow } from './store-oracle'
import type { StoredRecord } from './stored-records'

/** The session of the server's own reads and writes in each workspace. */
const SERVER = 'server'

interface Captured { device: SimDevice, deviceId: string, write: RecordedWrite }

interface Workspace {
  sessions: Session[]
  commits: StoreCommit[]
  stored: Map<string, Revision>
  /** Every record that was ever seen. */
  records: Set<string>
}

/**
 * Writes down what every device of a history read and wrote and what the store committed, for `checkHistory`. After each change of its database a
 * device is taken to have read all shared records in one transaction.
 */
export class HistoryRecorder {
  readonly #workspaces = new Map<string, Workspace>()
  /** By device and device id, as a database that was deleted and made anew is another session. */
  readonly #sessions = new Map<string, Session>()
  readonly #excepted = new Set<string>()
  /** Op ids of edits that an app wrote. All others were made by an engine. */
  readonly #written = new Map<string, Session>()
  readonly #applied = new Set<string>()
  /** Edits that were captured since the last look. */
  #captured: Captured[] = []
  readonly #split = new Set<SimDevice>()

  constructor(private readonly world: SimWorld) {
    world.oracle.onRefused = (workspaceId, op) => { this.#refused(workspaceId, op) }
    world.oracle.onCommitted = (workspaceId, rows) => { this.#committed(workspaceId, rows) }
  }

  /** A tab of the device has committed an edit. */
  captured(device: SimDevice, { tableName, pk, operation, stamp: { deviceId, clock, hlc, opId } }: PendingOp): void {
    const write = { record: `${tableName}/${pk}`, revision: { clock, hlc, opId }, isDelete: operation === 'delete', label: this.world.journal.ofOp(opId) }
    this.#captured.push({ device, deviceId, write })
  }

  /** The server itself has read these records, or read and written them, in one transaction of the store. Null: there was no such record. */
  served(workspaceId: string, reads: ReadonlyMap<string, Revision | null>, writes: readonly RecordedWrite[] = []): void {
    this.#flush()
    const { sessions } = this.#workspace(workspaceId)
    let session = sessions.find(({ name }) => name === SERVER)
    if (!session) sessions.push(session = newSession(SERVER))
    for (const { revision } of writes) this.#written.set(revision.opId, session)
    session.transactions.push({ at: this.#now, isConsistent: true, reads, writes })
  }

  /** The device sends transactions in parts. Nothing is promised of those that it has not sent yet. */
  split(device: SimDevice): void {
    this.#split.add(device)
  }

  /** The user gives a refused edit of this record (`table/pk`) up. The record may fall, until the device has again what the store has. */
  discarded(device: SimDevice, record: string): void {
    this.#session(device).discarded.add(record)
  }

  /**
   * The store was restored. What it had and what devices have not sent yet comes back in any order, and devices whose cursor is from before have to
   * fetch everything again. `isAnnounced`: the store has another epoch.
   */
  restored(isAnnounced: boolean): void {
    this.#flush()
    for (const device of this.world.devices) {
      const cursor = device.cursor()
      if (cursor && (isAnnounced || cursor.cursor > this.world.oracle.version(device.workspaceId))) this.#session(device).walksBeforeRestore = cursor.walks ?? 0
    }
    for (const opId of [...this.#written.keys(), ...this.#applied]) this.#excepted.add(opId)
    for (const [workspaceId, { commits, stored }] of this.#workspaces) {
      const now = new Map(Array.from(this.world.oracle.rows(workspaceId).values(), ({ tableName, pk, stamp }): [string, Revision] => [`${tableName}/${pk}`, stamp]))
      const changed = [...stored.keys()].filter(record => stored.get(record)!.opId !== now.get(record)?.opId)
      commits.push({ at: this.#now, isRestore: true, applied: changed.map(record => ({ record, revision: now.get(record) ?? null, replaced: stored.get(record)! })) })
      for (const record of changed) if (!now.has(record)) stored.delete(record)
      for (const [record, revision] of now) stored.set(record, revision)
    }
  }

  /** Looks at a device's database, when no transaction is open there. `records`: the shared records. */
  look(device: SimDevice, records: ReadonlyMap<string, StoredRecord>): void {
    if (device.deviceId === undefined) return
    this.#flush()
    this.#exceptQueued(device)
    const [workspace, session] = [this.#workspace(device.workspaceId), this.#session(device)]
    // A record that now falls to what the store has may do so for the last time.
    const discarded = [...session.discarded]
    const reads = new Map<string, Revision | null>()
    for (const [record, { clock, hlc, opId = '' }] of records) {
      workspace.records.add(record)
      if (session.view.get(record) === opId) continue
      this.#exceptUnwritten(opId)
      session.view.set(record, opId)
      if (workspace.stored.get(record)?.opId === opId) session.discarded.delete(record)
      reads.set(record, { clock, hlc, opId })
    }
    for (const record of session.view.keys()) {
      if (records.has(record)) continue
      session.view.delete(record)
      reads.set(record, null)
    }
    const cursor = device.cursor()
    if ((cursor?.walks ?? 0) > (session.walksBeforeRestore ?? Infinity)) session.walksBeforeRestore = null
    const [isConsistent, excepted] = [cursor?.consistent === true && session.walksBeforeRestore === null, new Set([...readerExceptions(device, workspace.records), ...discarded, ...this.#exceptedInOutbox(device)])]
    if (!reads.size && isConsistent === session.isConsistent && isSame(excepted, session.excepted)) return
    Object.assign(session, { isConsistent, excepted })
    session.transactions.push({ at: this.#now, isConsistent, reads, readsAll: true, writes: [], excepted })
  }

  /** The history of each workspace until now. */
  get histories(): ReadonlyMap<string, RecordedHistory> {
    return new Map(Array.from(this.#workspaces, ([id, { sessions, commits }]) => [id, { sessions, excepted: this.#excepted, ...(this.world.hasOracle ? { commits } : {}) }]))
  }

  /** (l) What the devices and the store did is consistent. */
  check(): void {
    for (const [workspaceId, history] of this.histories) {
      const [first, ...more] = checkHistory(history)
      if (first) this.world.checks.fail(`(l) ${first.kind} in ${workspaceId}: ${first.text}${more.length ? ` (and ${more.length} more)` : ''}`)
    }
  }

  get #now(): number {
    return this.world.elapsed
  }

  #committed(workspaceId: string, rows: readonly OracleRow[]): void {
    this.#flush()
    const { sessions, commits, stored, records } = this.#workspace(workspaceId)
    const applied = rows.map(({ tableName, pk, op, stamp: { clock, hlc, opId } }) => {
      const record = `${tableName}/${pk}`
      const [revision, replaced] = [{ clock, hlc, opId }, stored.get(record) ?? null]
      this.#applied.add(opId)
      if (replaced && this.#isPurged(replaced, revision)) this.#exceptForgotten(workspaceId, record, revision)
      for (const { unsent } of sessions) dropUntil(unsent.get(record), opId)
      this.#exceptUnwritten(opId)
      records.add(record)
      stored.set(record, revision)
      return { record, revision, replaced, isDelete: op === 'delete' }
    })
    commits.push({ at: this.#now, applied })
  }

  /** Whether the store took a revision below the delete that it had, because it has purged that delete. Then nothing is known of the record before (contract 7.14). */
  #isPurged(before: Revision, now: Revision): boolean {
    return compareRevisions(now, before) < 0 && this.world.isPurgedBy(before.hlc)
  }

  /** The store has refused this edit for its clock, and its provider does not say so: ops of one transaction are then sent again each by itself. */
  clockUnsaid(workspaceId: string, { tableName, pk, stamp: { opId } }: PendingOp): void {
    this.#exceptRefused(workspaceId, `${tableName}/${pk}`, opId)
  }

  /** The store refuses an edit, and with it older unsent ones of its record. It may take the same edit later, when a request arrives again. */
  #refused(workspaceId: string, op: PushItem): void {
    const [record, opId] = op.kind === 'op' ? [`${op.tableName}/${op.pk}`, op.stamp.opId] : [`${op.record?.tableName}/${op.record?.pk}`, op.opId]
    if (opId !== null) this.#exceptRefused(workspaceId, record, opId)
  }

  #exceptRefused(workspaceId: string, record: string, opId: string): void {
    this.#excepted.add(opId)
    for (const { unsent } of this.#workspace(workspaceId).sessions) {
      const ops = unsent.get(record)
      if (ops?.has(opId)) for (const other of ops) this.#excepted.add(other)
    }
  }

  /** The store had forgotten a record that was deleted long ago, and begins anew. Nothing is promised of the higher revisions that it had before. */
  #exceptForgotten(workspaceId: string, record: string, now: Revision): void {
    const { sessions, commits } = this.#workspace(workspaceId)
    const written = sessions.flatMap(({ transactions }) => transactions.flatMap(({ writes }) => writes))
    for (const other of [...written, ...commits.flatMap(({ applied }) => applied)]) {
      if (other.record === record && other.revision && compareRevisions(other.revision, now) > 0) this.#excepted.add(other.revision.opId)
    }
  }

  /** Writes the transactions down that tabs have committed since. They come before what was read at the same time. */
  #flush(): void {
    const groups = new Map<string, { session: Session, writes: RecordedWrite[] }>()
    for (const { device, deviceId, write } of this.#captured) {
      const { opId } = write.revision
      const [session, key] = [this.#session(device, deviceId), `${device.name} ${this.#groupOf(device, opId)}`]
      this.#written.set(opId, session)
      session.view.set(write.record, opId)
      const group = groups.get(key)
      if (group) group.writes.push(write)
      else groups.set(key, { session, writes: [write] })
    }
    this.#captured = []
    for (const { session, writes } of groups.values()) {
      const { transactions, isConsistent, excepted, unsent, cut } = session
      transactions.push({ at: this.#now, isConsistent, reads: new Map(), readsAll: true, writes, excepted })
      const isCut = writes.some(({ record }) => [...unsent.get(record) ?? []].some(opId => cut.has(opId)))
      for (const { record, revision: { opId } } of writes) {
        unsent.set(record, (unsent.get(record) ?? new Set()).add(opId))
        if (isCut) this.#cut(session, opId)
      }
    }
  }

  /**
   * Records with an unsent edit of which nothing is promised: one that was refused and is tried again, or that another session has made before its
   * database was copied here. The other session answers for that one.
   */
  #exceptedInOutbox(device: SimDevice): string[] {
    const session = this.#session(device)
    const isExcepted = (opId: string) => this.#excepted.has(opId) || (this.#written.get(opId) ?? session) !== session
    return device.outbox().flatMap(({ tableName, ops }) => ops.flatMap(({ pk, opId }) => isExcepted(opId) ? [`${tableName}/${pk}`] : []))
  }

  #cut({ cut }: Session, opId: string): void {
    cut.add(opId)
    this.#excepted.add(opId)
  }

  /** The transaction of the app, by the journal, or else (a test has written straight to Dexie) by the outbox. */
  #groupOf(device: SimDevice, opId: string): string {
    const { journal } = this.world
    return journal.edits.get(journal.ofOp(opId) ?? '')?.group ?? device.outbox().find(({ ops }) => ops.some(op => op.opId === opId))?.group ?? opId
  }

  #exceptQueued(device: SimDevice): void {
    const session = this.#session(device)
    const [{ unsent }, isSplit, queued] = [session, this.#split.delete(device), device.queuedKeys()]
    for (const [record, opIds] of keptBackOps(device)) for (const opId of [...opIds, ...unsent.get(record) ?? []]) this.#excepted.add(opId)
    for (const { tableName, ops } of device.outbox()) {
      for (const { pk, opId } of ops) {
        this.#exceptUnwritten(opId)
        const record = `${tableName}/${pk}`
        // Also what another session wrote (the database was copied) or an engine queued: later edits of the record go with it.
        unsent.set(record, (unsent.get(record) ?? new Set()).add(opId))
      }
    }
    if (isSplit) for (const opIds of unsent.values()) for (const opId of opIds) this.#cut(session, opId)
    for (const record of unsent.keys()) if (!queued.has(record)) unsent.delete(record)
  }

  /** An engine has made this revision: an edit was stamped anew, or an upgrade has made a row. Then nothing is promised of any revision of the edit. */
  #exceptUnwritten(opId: string): void {
    if (this.#written.has(opId)) return
    this.#excepted.add(opId)
    const { journal } = this.world
    for (const other of journal.edits.get(journal.ofOp(opId) ?? '')?.opIds ?? []) this.#excepted.add(other)
  }

  #session(device: SimDevice, deviceId = device.deviceId): Session {
    const key = `${device.name} ${deviceId}`
    let session = this.#sessions.get(key)
    if (!session) {
      const { sessions } = this.#workspace(device.workspaceId)
      const before = sessions.filter(({ name }) => name.split(' ')[0] === device.name).length
      session = newSession(before ? `${device.name} (database ${before + 1})` : device.name)
      this.#sessions.set(key, session)
      sessions.push(session)
    }
    return session
  }

  #workspace(id: string): Workspace {
    let workspace = this.#workspaces.get(id)
    if (!workspace) this.#workspaces.set(id, workspace = { sessions: [], commits: [], stored: new Map(), records: new Set() })
    return workspace
  }
}
