/** One line of the result. */
export interface BenchResult {
  name: string
  unit: 'ms' | 'kB'
  floor?: number
  engine: number
  /** The highest acceptable `engine / floor` (or, without a floor, `engine`). */
  target?: number
}

/** Formats results as plain text, one line each. */
export function formatResults(results: readonly BenchResult[]): string {
  const lines = [['', 'floor', 'engine', 'ratio', 'target', ''], ...results.map(toCells)]
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map(line => line[column]!.length)))
  return lines
    .map(line => line.map((cell, column) => column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)).join('  ').trimEnd())
    .join('\n')
}

function toCells({ name, unit, floor, engine, target }: BenchResult): string[] {
  const compared = floor === undefined ? engine : engine / floor
  return [
    name,
    floor === undefined ? '' : `${round(floor)} ${unit}`,
    `${round(engine)} ${unit}`,
    floor === undefined ? '' : `x${compared.toFixed(2)}`,
    target === undefined ? '' : floor === undefined ? `<= ${target} ${unit}` : `<= x${target}`,
    target === undefined ? '' : compared <= target ? 'ok' : 'over',
  ]
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}
