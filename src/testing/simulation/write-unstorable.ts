import type { RandomWalk } from './random-walk'
import type { SimDevice } from './sim-device'
import { SIM_KEYS, type SimRow } from './sim-schema'
import type { SimTab } from './sim-tab'

/** Why a row cannot be stored. The engine finds the first before it writes. For the second, IndexedDB throws after the rows before it are written. */
type Flaw = 'a value of no kind that syncs' | 'a value that is too large'

/** A tab writes rows in one call, and the last one cannot be stored. Then no row of the call may be stored anywhere. */
export function writeUnstorable({ random, at }: RandomWalk, device: SimDevice): void {
  const running = device.tabs.filter(tab => tab.state === 'running')
  if (!running.length) return
  const tab = random.pick(running)
  const flaw = random.pick<Flaw>(['a value of no kind that syncs', 'a value that is too large'])
  const pks = [...new Set([random.pick(SIM_KEYS), random.pick(SIM_KEYS), random.pick(SIM_KEYS)])]
  const edits = pks.map(pk => at.journal.open({ tab: tab.name, device: device.name, tableName: 'items', pk, op: 'put' }))
  const rows = edits.map(({ id, pk }): SimRow => ({ id: pk, edit: id, parent: null }))
  const last = rows.at(-1)!
  if (flaw === 'a value that is too large') device.disk.isTooLarge = value => (value as Partial<SimRow>).edit === last.edit
  else Object.assign(last, { when: new Map() })
  at.log(`${tab.name} writes ${edits.map(({ id }) => id).join(' ')}, of which ${last.edit} holds ${flaw}`)
  void write(tab, rows, { isCaught: random.chance(0.5), isAdd: random.chance(0.2) }).then((went) => {
    for (const edit of edits) at.journal.close(edit, 'aborted')
    if (went) at.checks.fail(`(k) ${tab.name} stored ${last.edit}, which holds ${flaw}`)
  })
}

/** Writes the rows, either in a transaction that catches the error and goes on, or in one call. Resolves to whether it succeeded. */
async function write({ engine: { db } }: SimTab, rows: SimRow[], { isCaught, isAdd }: { isCaught: boolean, isAdd: boolean }): Promise<boolean> {
  const items = db.table<SimRow, string>('items')
  const call = () => (isAdd ? items.bulkAdd(rows) : items.bulkPut(rows)).then(() => true, () => false)
  return isCaught ? await db.transaction('rw', items, () => call()).catch(() => false) : await call()
}
