import { compareRevisions } from '#or3-sync/shared/sync/protocol/revision'
import { recordKey } from '#or3-sync/shared/sync/protocol/record-key'
import type { SyncTable } from '#or3-sync/shared/sync/schema/sync-schema'
import { toLocalRow, validatePayload } from '#or3-sync/shared/sync/rows/validate-payload'
import type { SyncChange, WirePayload } from 'or3-sync/client'
import type { SyncSchema } from 'or3-sync/schema'
import type { ConflictSide } from '#or3-sync/core/sync/records/engine-records'
import type { Edit } from './journal'
import { serverName } from './server-name'
import type { SimDevice } from './sim-device'
import { excludes, isPrivateIn, nextSchema } from './sim-schema'
import type { SimWorld } from './sim-world'
import { STRANGE_PK } from './strange-changes'
import { MEMORY_MS } from './step-checks'

/** The live rows of one workspace: `table/pk` -> the edit that wrote the row. */
type Rows = Map<string, string>

/** Whether a device has nothing to send and has everything that the store has. A walk may be unfinished: a tab that was frozen can leave one for the next start. */
export function isAtRest(device: SimDevice, version: number | null): boolean {
  const setAside = unusableKeys(device)
  // An edit that lost to a revision which this version of the app cannot take waits for the next version.
  if (device.outbox().some(({ status, tableName, ops }) => status === 'pending' && ops.some(({ pk }) => !setAside.has(`${tableName}/${pk}`)))) return false
  const cursor = device.cursor()
  if (device.role !== 'viewer' && device.unsentTables().length) return false
  // A table that the app has got only recently is fetched by the next leading tab.
  if (!Object.keys(device.schema.tables).every(name => device.speaksFor(name))) return false
  if (!cursor?.firstSyncDone || (version !== null && device.position() !== version)) return false
  return device.tabs.every(({ engine, provider }) => provider.underWay === 0 && engine.status.get().state === 'idle')
}

/** Checks what must hold once the faults are over and everything is at rest. Devices without a tab are left out. */
export async function checkAtRest(world: SimWorld): Promise<void> {
  const workspaces = new Set(world.devices.map(({ workspaceId }) => workspaceId))
  for (const workspaceId of workspaces) {
    const stored = await readStore(world, workspaceId)
    if (world.hasOracle) expectSame(world, 'the store\'s own word', oracleRows(world, workspaceId), 'the store', stored)
    for (const device of world.devices) {
      if (device.workspaceId !== workspaceId || !device.tabs.length) continue
      expectSame(world, device.name, localRows(device), 'the store', knownRows(device, stored), ownKeys(device))
      world.checks.privacy.atRest(device, stored)
      checkSetAside(world, device)
    }
    checkNothingLost(world, workspaceId, stored)
  }
}

/** (e) A new device gets what the store has. */
export async function checkFreshDevice(world: SimWorld, { userId, workspaceId }: SimDevice): Promise<void> {
  const fresh = world.device({ userId, workspaceId })
  fresh.open({ schema: nextSchema as unknown as SyncSchema })
  if (!await world.run(120_000, () => isAtRest(fresh, world.hasOracle ? world.oracle.version(workspaceId) : null))) {
    world.checks.fail('(e) a new device did not come to rest within 2 min')
  }
  expectSame(world, 'a new device', localRows(fresh), 'the store', await readStore(world, workspaceId), ownKeys(fresh))
  checkSetAside(world, fresh)
}

async function readStore(world: SimWorld, workspaceId: string): Promise<Rows> {
  const seat = world.devices.find(device => device.workspaceId === workspaceId)!
  const provider = world.connect(seat)
  const rows: Rows = new Map()
  for (let cursor = 0; ;) {
    const page = await world.finish(world.pump.outside(provider.pull({ scope: { workspaceId }, cursor, limit: 2_000, bootstrap: true })))
    for (const { tableName, pk, op, payload } of page.changes as SyncChange[]) {
      if (op === 'put') rows.set(`${tableName}/${pk}`, String(payload?.edit))
      else rows.delete(`${tableName}/${pk}`)
    }
    if (!page.hasMore) return rows
    cursor = page.nextCursor
  }
}

function oracleRows(world: SimWorld, workspaceId: string): Rows {
  const live = [...world.oracle.rows(workspaceId).values()].filter(({ op }) => op === 'put')
  return new Map(live.map(({ tableName, pk, payload }) => [`${tableName}/${pk}`, String(payload?.edit)]))
}

/** The rows of tables that the device's app has. */
function knownRows(device: SimDevice, stored: Rows): Rows {
  return new Map([...stored].filter(([key]) => device.knows(key.slice(0, key.indexOf('/')))))
}

/**
 * Keys of records in which a device may differ from the store: private rows, refused and held edits, rows that an upgrade step made for a viewer, and
 * those whose change its version of the app cannot take.
 */
function ownKeys(device: SimDevice): Set<string> {
  const unsent = [...device.records()].filter(([, record]) => device.isUnsent(record)).map(([key]) => key)
  const kept = [...device.records()].flatMap(([key, { tableName, row }]) => row && isPrivateIn(device.schema, tableName, row) ? [key] : [])
  return new Set([...device.queuedKeys(), ...device.privateRows().keys(), ...unsent, ...kept, ...unusableKeys(device)])
}

/** Keys of records of which a change waits in quarantine because this version of the app cannot take it. */
function unusableKeys(device: SimDevice): Set<string> {
  return new Set(device.quarantine().flatMap(({ reason, tableName, pk, change: { op, payload } }) => {
    const table = device.schema.tables[tableName]
    const isUnusable = reason !== 'unanswered' || (table !== undefined && op === 'put' && !canTake(device.schema, table, pk, payload))
    return isUnusable ? [`${tableName}/${pk}`] : []
  }))
}

/**
 * (b) What waits in quarantine at rest is what this version of the app cannot take, or waits for an edit that is held or refused. A change that had to
 * wait for an answer may stay there if it has lost since.
 */
function checkSetAside(world: SimWorld, device: SimDevice): void {
  const [queued, shared, rows] = [device.queuedKeys(), device.shared(), device.records()]
  for (const { tableName, pk, reason, change: { op, payload, stamp } } of device.quarantine()) {
    const [key, table] = [`${tableName}/${pk}`, device.schema.tables[tableName]]
    if (!table || pk === STRANGE_PK) continue
    const [row, here] = [rows.get(key)?.row, shared.get(key)]
    const isPrivateHere = row !== undefined && isPrivateIn(device.schema, tableName, row)
    const hasLost = here !== undefined && compareRevisions(stamp, { ...here, opId: here.opId ?? '' }) <= 0
    const waits = op === 'put' && (isPrivateHere || !canTake(device.schema, table, pk, payload))
    if (!waits && !(reason === 'unanswered' && (hasLost || queued.has(key)))) world.checks.fail(`(b) ${device.name}: a change of ${key} still waits in quarantine (${reason}), though this version of the app can take it`)
  }
}

function canTake(schema: SyncSchema, table: SyncTable, pk: string, payload: WirePayload | undefined): boolean {
  if (!payload || validatePayload(table, pk, payload)) return false
  try { return !excludes(schema, table.name, toLocalRow(table, payload)) }
  catch { return false }
}

function localRows(device: SimDevice): Rows {
  return new Map([...device.records()].flatMap(([key, { tableName, row }]): [string, string][] => row && device.knows(tableName) ? [[key, row.edit]] : []))
}

/** (b) Both hold the same rows, except for the records in `own`. */
function expectSame(world: SimWorld, nameA: string, a: Rows, nameB: string, b: Rows, own: ReadonlySet<string> = new Set()): void {
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    if (!own.has(key) && a.get(key) !== b.get(key)) world.checks.fail(`(b) ${key}: ${nameA} has ${a.get(key) ?? 'nothing'}, ${nameB} has ${b.get(key) ?? 'nothing'}`)
  }
}

/** (a) No committed edit is lost. It is in the store, or another edit was made upon it, or an outbox, a conflict, a dead letter or the quarantine keeps it. */
function checkNothingLost(world: SimWorld, workspaceId: string, stored: Rows): void {
  const { journal, checks } = world
  const devices = world.devices.filter(device => device.workspaceId === workspaceId)
  const forgets = devices.some(device => device.longestAbsence > MEMORY_MS)
  const names = new Set([...devices.map(({ name }) => name), serverName(workspaceId)])
  const kept = keptEdits(world, devices)
  const unsent = unsentEdits(world, devices)
  const inStore = new Set(stored.values())
  const known = new Map<Edit, boolean>()
  const isKept = (edit: Edit): boolean => {
    let result = known.get(edit)
    if (result === undefined) {
      // In three cases nobody learns that an edit was replaced: the store was restored, it has forgotten a device (and what that device's last
      // push replaced), or a device's database was deleted before the reply came. Then a higher clock in the store is enough.
      const row = checks.restores > 0 || checks.wipes > 0 || forgets ? world.oracle.rows(workspaceId).get(recordKey(edit.tableName, edit.pk)) : undefined
      const overtaken = row !== undefined && edit.clock !== undefined && row.stamp.clock >= edit.clock
      // A delete has no content to lose, so any delete of the record will do.
      const gone = edit.op === 'delete' && (!stored.has(`${edit.tableName}/${edit.pk}`) || checks.wasDeleted(workspaceId, edit))
      result = gone || overtaken || isUntold(world, edit, unsent) || edit.isPrivate === true || edit.isForgotten === true || edit.discardedBy.size > 0 || inStore.has(edit.id) || kept.has(edit.id) || journal.children(edit.id).some(isKept)
      known.set(edit, result)
    }
    return result
  }
  for (const edit of journal.edits.values()) {
    if (edit.status === 'committed' && names.has(edit.device) && !isKept(edit)) {
      checks.fail(`(a) ${edit.id} (${edit.op} ${edit.tableName}/${edit.pk} by ${edit.tab}) is lost: not in the store, nobody built upon it, no conflict keeps it`)
    }
  }
}

/**
 * Whether the edit was replaced without anybody being told. The reply that says what a push replaced was lost. The device that pushed never
 * got it later either, because its next edit of the record was discarded, is held back or refused, or was replaced before it was sent.
 */
function isUntold({ journal, checks }: SimWorld, { tableName, pk, clock = 0 }: Edit, unsent: ReadonlySet<string>): boolean {
  const edits = journal.of(tableName, pk)
  const wasNeverSent = (edit: Edit) => unsent.has(edit.id) || (edit.isHeld === true && checks.appliedClock(edit) === null)
  const isUnheard = (edit: Edit) => edits.some(later => later.device === edit.device && (later.discardedBy.size > 0 || wasNeverSent(later)) && journal.knew(later.id, edit.id))
  return edits.some(edit => (checks.appliedClock(edit) ?? -1) >= clock && isUnheard(edit))
}

function keptEdits(world: SimWorld, devices: readonly SimDevice[]): Set<string> {
  const kept = new Set<string>()
  const keep = (id: string | undefined) => { if (id !== undefined) kept.add(id) }
  const keepSide = (side: ConflictSide) => keep(side.row ? String(side.row.edit) : world.journal.ofOp(side.opId))
  for (const { device, record } of world.checks.conflicts.values()) {
    if (!devices.includes(device)) continue
    keepSide(record.local)
    keepSide(record.remote)
  }
  for (const device of devices) {
    // A private row is kept by its own device only. That may be a row which others had, and which is private in this version of the app.
    for (const record of [...device.privateRows().values(), ...device.records().values()]) {
      if (record.row && (record.opId === undefined || device.keepsHere(record))) keep(record.row.edit)
    }
    for (const { ops } of device.outbox()) for (const { opId } of ops) keep(world.journal.ofOp(opId))
    // A restored store has lost these. They are queued again once they can be applied here.
    for (const { isLost, change } of device.quarantine()) if (isLost) keep(world.journal.ofOp(change.stamp.opId))
  }
  return kept
}

function unsentEdits({ journal }: SimWorld, devices: readonly SimDevice[]): Set<string> {
  return new Set(devices.flatMap(device => device.outbox()).flatMap(({ status, ops }) => status !== 'pending' ? ops.flatMap(({ opId }) => journal.ofOp(opId) ?? []) : []))
}
