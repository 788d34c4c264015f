import { PEERS, type SubjectName } from '../subject-name.ts'
import type { IdbStore } from '../browser.ts'
import { LIBRARIES } from '../peers/libraries.ts'
import { type BenchRow, nameOf } from '../table.ts'
import { isMet, ratioOf } from './judge.ts'
import type { ResultFile, RowResult, SubjectValue } from './result-file.ts'

const STORE_NAMES: Record<IdbStore, string> = { leveldb: 'LevelDB', sqlite: 'SQLite' }

/** One table of the floor and the engine, with three columns for each file: one file for each way in which Chromium stores IndexedDB. */
export function formatTable(files: readonly ResultFile[]): string {
  const prefix = (file: ResultFile) => files.length > 1 ? `${STORE_NAMES[file.idb]}: ` : ''
  const head = ['', ...files.flatMap(file => [`${prefix(file)}floor`, 'or3-sync', 'ratio']), 'target', '']
  const ids = [...new Set(files.flatMap(({ results }) => results.map(({ id }) => id)))]
  const lines = ids.map((id) => {
    const found = files.map(({ results }) => results.find(row => row.id === id))
    const row = found.find(each => each !== undefined)!
    return [row.name, ...found.flatMap(each => cellsOf(each)), targetCell(row), verdicts(found, files)]
  })
  return toMarkdown(head, lines)
}

/** The engine beside other libraries, each with its ratio to the floor of the same run. */
export function formatPeers({ results }: ResultFile): string {
  const peers = PEERS.filter(name => results.some(({ values, errors }) => values[name] ?? errors?.[name]))
  const subjects: SubjectName[] = ['engine', ...peers]
  const rows = results.filter(row => peers.some(name => row.values[name] ?? row.errors?.[name]))
  const lines = rows.map(row => [row.name, valueCell(row, row.values.floor), ...subjects.map(name => peerCell(row, name))])
  return toMarkdown(['', 'floor', ...subjects.map(name => name === 'engine' ? 'or3-sync' : name)], lines)
}

function toMarkdown(head: readonly string[], lines: readonly (readonly string[])[], alignment = '--:'): string {
  const rule = head.map((_, column) => column === 0 ? '---' : alignment)
  return [head, rule, ...lines].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

function cellsOf(row: RowResult | undefined): string[] {
  if (!row) return ['', '', '']
  return [valueCell(row, row.values.floor), row.errors?.engine ? 'failed' : valueCell(row, row.values.engine), ratioOf(row)?.toFixed(2) ?? '']
}

function peerCell(row: RowResult, name: SubjectName): string {
  if (row.errors?.[name]) return 'failed'
  const value = row.values[name]
  return value ? `${valueCell(row, value)} (${ratioOf(row, name)?.toFixed(1) ?? '?'})` : 'n/a'
}

function valueCell({ unit, rows }: RowResult, found: SubjectValue | undefined): string {
  if (!found) return ''
  const perRow = rows === undefined ? '' : `, ${Math.round(found.value * 1_000 / rows)} µs a row`
  return `${formatNumber(found.value)} ${unit}${perRow}`
}

function targetCell({ target, unit }: Pick<RowResult, 'target' | 'unit'>): string {
  if (!target) return ''
  if ('ratio' in target) return `${target.ratio} x`
  if ('times' in target) return `as \`${target.row}\``
  return 'atMost' in target ? `${formatNumber(target.atMost)} ${unit}` : `${formatNumber(target.atLeast)} ${unit}`
}

function verdicts(found: readonly (RowResult | undefined)[], files: readonly ResultFile[]): string {
  const words = found.map((row, index) => row && isMet(row, files[index]!.results)).filter(met => met !== undefined).map(met => met ? 'met' : 'missed')
  return [...new Set(words)].length === 1 ? words[0]! : words.join(' / ')
}

/** Three digits at least, and thousands apart. */
export function formatNumber(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value >= 10 ? String(Number(value.toFixed(1))) : String(Number(value.toFixed(2)))
}

/** Lists what each row measures, and what its floor does. */
export function formatMethods(table: readonly BenchRow[]): string {
  const rows = 10_000
  const lines = table.map(row => [`\`${row.id}\``, nameOf(row, rows), row.floor ?? '', row.subject, targetCell(row)])
  return toMarkdown(['id', 'row', 'floor', 'what is measured', 'target'], lines, '---')
}

/** Says of each library what is not the same. */
export function formatDifferences(): string {
  return PEERS.map(name => `- **${name}**: ${LIBRARIES[name].differs}.`).join('\n')
}

/** Says where and how the figures of these files were measured. */
export function describeRuns(files: readonly ResultFile[]): string {
  return files.map((file) => {
    const { cpu, cores, memoryGiB, node, chromium, loadBefore } = file.machine
    return `\`${file.command}\`, ${file.at.slice(0, 10)}, commit ${file.commit}, ${Math.round(file.seconds / 60)} min: Chromium ${chromium} with IndexedDB on ${STORE_NAMES[file.idb]}, `
      + `Node ${node}, ${cores} cores (${cpu}), ${memoryGiB} GiB, load ${loadBefore.toFixed(1)} before it began. Medians of ${file.rounds} ${file.rounds === 1 ? 'round' : 'rounds'}.`
  }).join('\n\n')
}
