import type { SeededRandom } from '../../../src/testing/simulation/seeded-random.ts'

export const TABLES = ['threads', 'messages', 'notes'] as const
export type TableName = typeof TABLES[number]

/** What one edit of a transaction does. Where there is no row, `update` and `delete` put one. */
export interface DeviceEdit {
  table: TableName
  id: string
  action: 'put' | 'update' | 'delete'
  text: string
}

/** Few enough that devices meet on them, and that a whole database is read in some milliseconds. */
const [THREADS, MESSAGES, NOTES] = [30, 200, 10]

/** The edits of one transaction: 1 to 5 different records, shared ones and the device's own. */
export function chooseEdits(device: string, random: SeededRandom): DeviceEdit[] {
  const edits = new Map<string, DeviceEdit>()
  for (let count = random.between(1, 5); count > 0; count--) {
    const [table, id] = chooseRecord(device, random)
    const dice = random.next()
    edits.set(`${table}/${id}`, { table, id, action: dice < 0.5 ? 'put' : dice < 0.8 ? 'update' : 'delete', text: 'x'.repeat(random.between(10, 200)) })
  }
  return [...edits.values()]
}

function chooseRecord(device: string, random: SeededRandom): [TableName, string] {
  const dice = random.next()
  if (dice < 0.6) return ['messages', `m${random.between(1, MESSAGES)}`]
  if (dice < 0.75) return ['threads', `t${random.between(1, THREADS)}`]
  return ['notes', `${device}-n${random.between(1, NOTES)}`]
}
