import type { IdbStore } from '../browser.ts'
import { ratioOf } from './judge.ts'
import type { ResultFile, RowResult } from './result-file.ts'

const WIDTH = 860
const LABEL = 400
const LINE = 40
const TOP = 40
/** A bar that is longer is cut, and its number says how long it would be. */
const MOST = 6
const SCALE = (WIDTH - LABEL - 80) / MOST

const COLOURS: Record<IdbStore, string> = { leveldb: '#3b82f6', sqlite: '#f59e0b' }
const STORE_NAMES: Record<IdbStore, string> = { leveldb: 'LevelDB', sqlite: 'SQLite' }

/** Draws how many times the floor's cost each row has, a bar for each way of storing IndexedDB, and a line where the target is. */
export function drawChart(files: readonly ResultFile[]): string {
  const rows = (files[0]?.results ?? []).filter(row => row.target && 'ratio' in row.target && ratioOf(row) !== undefined)
  const height = TOP + rows.length * LINE + 16
  const bars = rows.map((row, index) => drawRow(row, files, TOP + index * LINE))
  const grid = Array.from({ length: MOST + 1 }, (_, step) => `<line class="grid" x1="${x(step)}" x2="${x(step)}" y1="${TOP - 8}" y2="${height - 12}"/><text class="small" x="${x(step)}" y="${TOP - 14}" text-anchor="middle">${step === 1 ? 'floor' : step}</text>`)
  const legend = files.map(({ idb }, index) => `<rect x="${index * 90}" y="${TOP - 24}" width="12" height="12" fill="${COLOURS[idb]}"/><text class="small" x="${index * 90 + 18}" y="${TOP - 14}">${STORE_NAMES[idb]}</text>`)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="How many times the floor's cost or3-sync has">
<style>text { font: 13px system-ui, sans-serif; fill: #6b7280 } .small { font-size: 12px } .grid { stroke: #9ca3af; stroke-opacity: .3 } .target { stroke: #16a34a; stroke-width: 2 }</style>
${[...grid, ...legend, ...bars].join('\n')}
</svg>
`
}

function drawRow(row: RowResult, files: readonly ResultFile[], y: number): string {
  const thickness = files.length > 1 ? 11 : 18
  const bars = files.map((file, index) => {
    const ratio = ratioOf(file.results.find(({ id }) => id === row.id) ?? row) ?? 0
    const top = y + index * (thickness + 2)
    const length = Math.min(MOST, ratio) * SCALE
    return `<rect x="${LABEL}" y="${top}" width="${length.toFixed(1)}" height="${thickness}" fill="${COLOURS[file.idb]}"/><text class="small" x="${(LABEL + length + 6).toFixed(1)}" y="${top + thickness - 1}">${ratio.toFixed(2)}</text>`
  })
  const target = row.target && 'ratio' in row.target ? row.target.ratio : 0
  return `<text x="${LABEL - 10}" y="${y + 16}" text-anchor="end">${row.name}</text>${bars.join('')}<line class="target" x1="${x(target)}" x2="${x(target)}" y1="${y - 4}" y2="${y + 28}"/>`
}

function x(ratio: number): string {
  return (LABEL + ratio * SCALE).toFixed(1)
}
