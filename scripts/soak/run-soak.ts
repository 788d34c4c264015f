import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildHistory } from './check/build-history.ts'
import { checkKept } from './check/check-kept.ts'
import { checkOrder } from './check/check-order.ts'
import { checkSame } from './check/check-same.ts'
import type { RecordedHistory } from './check/recorded-history.ts'
import { SoakRun, type SoakOptions, type SoakResult } from './soak-run.ts'

/** So many findings of each kind are printed. */
const MAX_TOLD = 5

/** Runs a soak, checks it and prints what was found. @returns whether nothing was lost, torn, out of order or diverged */
export async function runSoak(options: Omit<SoakOptions, 'folder'>, print: (text: string) => void): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'or3-soak-'))
  let result: SoakResult
  try { result = await new SoakRun({ ...options, folder }).run() }
  finally { await rm(folder, { recursive: true, force: true }) }
  const history = buildHistory(result.devices)
  print(describeRun(options, result, history))
  const findings = findAll(result, history)
  let bad = 0
  for (const [kind, found] of Object.entries(findings)) {
    bad += found.length
    for (const text of found.slice(0, MAX_TOLD)) print(`  ${kind}: ${text}\n`)
    if (found.length > MAX_TOLD) print(`  ${kind}: and ${found.length - MAX_TOLD} more\n`)
  }
  const counts = Object.entries(findings).map(([kind, found]) => `${found.length} ${kind}`).join(', ')
  if (bad) print(`  What the devices did: ${await saveRecord(result)}\n`)
  print(`${bad ? 'FAILED' : 'HELD'}: ${counts} (seed ${options.seed})\n`)
  return bad === 0
}

/** Keeps everything that was recorded, for whoever looks for the cause: one line for each device and one for the store. @returns the file */
async function saveRecord({ devices, dumps, store }: SoakResult): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'or3-soak-failed-')), 'record.jsonl')
  const lines = devices.map(({ name, events }, index) => ({ name, events, dump: dumps[index] }))
  await writeFile(file, [...lines, { store: [...store.records], version: store.version }].map(line => `${JSON.stringify(line)}\n`))
  return file
}

function findAll({ dumps, store, restless }: SoakResult, history: RecordedHistory): Record<string, string[]> {
  const breaches = checkOrder(history)
  const textsOf = (kind: string) => breaches.filter(breach => breach.kind === kind).map(({ text }) => text)
  return {
    'lost': checkKept(history, store.records, dumps),
    'torn': textsOf('torn'),
    'out of order': textsOf('out of order'),
    'fell back': textsOf('fell back'),
    'diverged': dumps.flatMap(dump => checkSame(dump, store.records)),
    'refused': dumps.flatMap(({ name, failed, quarantined }) => failed + quarantined > 0 ? [`${name} has ${failed} refused edits and ${quarantined} changes in quarantine`] : []),
    'not at rest': [...restless.map(name => `${name} has not sent and fetched everything in time`), ...dumps.flatMap(({ name, isConsistent }) => isConsistent ? [] : [`${name} is not consistent at rest`])],
  }
}

function describeRun({ devices, browserDevices, minutes }: Omit<SoakOptions, 'folder'>, { dumps, store, faults, serverStarts, restMs }: SoakResult, { sessions, excepted }: RecordedHistory): string {
  const transactions = sessions.flatMap(session => session.transactions)
  const reads = transactions.filter(({ readsAll }) => readsAll)
  const writes = transactions.flatMap(tx => tx.writes)
  const edits = `${transactions.length - reads.length} transactions with ${writes.length} edits`
  return `${devices} devices, ${browserDevices} of them in Chromium, for ${minutes} min: ${edits}; the store is at version ${store.version}\n`
    + `  ${reads.length} reads of the whole database, ${reads.filter(({ isConsistent }) => isConsistent).length} of them consistent and checked (${reads.filter(tx => tx.excepted.size > 0).length} with a record in quarantine); ${dumps.flatMap(({ conflicts }) => conflicts).length / 2} conflicts kept; ${excepted.size} revisions of edits that were stamped anew\n`
    + `  faults: ${[...faults].map(([kind, count]) => `${count} ${kind}`).join(', ') || 'none'}; the server was started ${serverStarts} times\n`
    + `  at rest ${(restMs / 1_000).toFixed(1)} s after the last fault\n`
}
