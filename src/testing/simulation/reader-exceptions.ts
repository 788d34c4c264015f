import type { TombstoneRecord } from '#or3-sync/core/sync/records/engine-records'
import { UPGRADED_HLC } from '#or3-sync/shared/sync/protocol/hlc'
import type { SimDevice } from './sim-device'

/**
 * The records (`table/pk`) of which nothing is promised to this device at this moment (contract 7.16): they wait in the outbox for something else
 * than their turn, or in the quarantine, or the row here is private, or the device has not fetched their table. `all`: every record of the
 * workspace, for tables that are excepted as a whole.
 */
export function readerExceptions(device: SimDevice, all: Iterable<string>): Set<string> {
  const excepted = new Set(device.privateRows().keys())
  // An upgrade has made these rows. Whatever anybody wrote or deleted wins over them, as soon as they are sent.
  for (const [key, { hlc }] of device.records()) if (hlc === UPGRADED_HLC) excepted.add(key)
  for (const key of scopedRows(device)) excepted.add(key)
  for (const { tableName, pk } of device.quarantine()) excepted.add(`${tableName}/${pk}`)
  for (const { tableName, pk, isGivenUp } of device.disk.read<TombstoneRecord>(device.databaseName, 'tombstones')) if (isGivenUp) excepted.add(`${tableName}/${pk}`)
  for (const key of keptBackOps(device).keys()) excepted.add(key)
  const missing = new Map<string, boolean>()
  for (const key of all) {
    const tableName = key.slice(0, key.indexOf('/'))
    if (!missing.has(tableName)) missing.set(tableName, !device.knows(tableName) || !device.speaksFor(tableName))
    if (missing.get(tableName)) excepted.add(key)
  }
  return excepted
}

/**
 * Records with an unsent edit that does not simply wait for its turn: it is held, refused, waits aside, was queued again after a restore, or its row
 * has become private, or a tab with an older version of the app lacks its table and may lead. With the op ids of all unsent edits of the record, because they are sent as one.
 */
export function keptBackOps(device: SimDevice): Map<string, string[]> {
  const keptBack = new Set<string>()
  const ops = new Map<string, string[]>()
  for (const { tableName, status, ops: queued } of device.outbox()) {
    for (const { pk, opId, aside, requeued, turnedPrivate } of queued) {
      const key = `${tableName}/${pk}`
      if (status !== 'pending' || aside || requeued || turnedPrivate || !isKnownToAll(device, tableName)) keptBack.add(key)
      ops.set(key, [...ops.get(key) ?? [], opId])
    }
  }
  for (const key of scopedRows(device)) keptBack.add(key)
  return new Map([...ops].filter(([key]) => keptBack.has(key)))
}

/** Records whose row is private in one version of the app and shared in another. The device may have tabs with either. */
function scopedRows(device: SimDevice): string[] {
  return [...device.records()].flatMap(([key, { row }]) => row?.scope ? [key] : [])
}

function isKnownToAll({ tabs }: SimDevice, tableName: string): boolean {
  return tabs.every(tab => tab.knows(tableName))
}
