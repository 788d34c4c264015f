import type { DeviceDump } from '../device/device-events.ts'
import type { StoredRecord } from './read-store.ts'

/** Compares what a device holds with the store. @returns one sentence for each record in which they differ */
export function checkSame({ name, rows }: DeviceDump, store: ReadonlyMap<string, StoredRecord>): string[] {
  const held = new Map(rows.map(row => [row.record, row]))
  const live = new Map([...store].filter(([, { row }]) => row !== null))
  return [...new Set([...held.keys(), ...live.keys()])].flatMap((record) => {
    const [here, there] = [held.get(record), live.get(record)]
    if (here && there && here.opId === there.opId && isEqual(here.row, there.row)) return []
    return [`${record}: ${name} has ${describe(here)}, the store has ${describe(there)}`]
  })
}

function isEqual(a: Record<string, unknown> | null, b: Record<string, unknown> | null): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}

function sorted(row: Record<string, unknown> | null): [string, unknown][] {
  return Object.entries(row ?? {}).sort(([a], [b]) => a < b ? -1 : 1)
}

function describe(found: { opId: string, row: Record<string, unknown> | null } | undefined): string {
  return found ? `${String(found.row?.group)} (${found.opId.slice(0, 8)})` : 'nothing'
}
