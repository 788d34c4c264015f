import type { Finding } from './finding'

/** One line for each finding, and one with how many there are. */
export function asLines(findings: readonly Finding[]): string {
  const lines = findings.map(({ status, check, message, fix, docs }) =>
    `${status.padEnd(8)} ${check.padEnd(9)} ${message}${fix ? `; fix: ${fix}` : ''}${docs ? ` (${docs})` : ''}`.replaceAll('\n', ' '))
  const { errors, warnings } = counts(findings)
  return `${[...lines, '', errors + warnings === 0 ? 'nothing is wrong' : `${amount(errors, 'error')}, ${amount(warnings, 'warning')}`].join('\n')}\n`
}

/** The same for programs: `{ ok, errors, warnings, findings }`. */
export function asJson(findings: readonly Finding[]): string {
  const { errors, warnings } = counts(findings)
  return `${JSON.stringify({ ok: errors === 0, errors, warnings, findings }, null, 2)}\n`
}

export function counts(findings: readonly Finding[]): { errors: number, warnings: number } {
  const count = (wanted: Finding['status']) => findings.filter(({ status }) => status === wanted).length
  return { errors: count('error'), warnings: count('warning') }
}

function amount(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}
