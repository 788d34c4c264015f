import type { HostileCase } from './hostile-case.ts'
import type { HostileResult } from './hostile-run.ts'

export interface HostileLine {
  hostile: HostileCase
  /** One for each source, in the order of `sources`. */
  results: readonly HostileResult[]
}

/** A Markdown table that shows, for each case and source, how long others waited. */
export function formatResults(lines: readonly HostileLine[], sources: readonly string[]): string {
  const heads = sources.flatMap(source => ['health p50 / p99', 'push p50 / p99', 'stall', 'memory', 'CPU'].map(what => `${what}${sources.length > 1 ? `, ${source}` : ''}`))
  const rows = lines.map(({ hostile, results }) => [`${hostile.id}: ${hostile.title}`, ...results.flatMap(cellsOf)])
  return [
    ['', ...heads], ['---', ...heads.map(() => '--:')], ...rows,
  ].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

function cellsOf({ health, push, stallMs, peakMemory, cpu, failed }: HostileResult): string[] {
  return [
    `${ms(health.p50)} / ${ms(health.p99)}`,
    `${ms(push.p50)} / ${ms(push.p99)}${failed ? ` (${failed} failed)` : ''}`,
    stallMs === null ? '**ended**' : ms(stallMs),
    peakMemory ? `${Math.round(peakMemory / 1024 / 1024)} MiB` : '-',
    cpu ? `${Math.round(cpu * 100)} %` : '-',
  ]
}

function ms(value: number): string {
  return value === Infinity ? 'none' : value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`
}
