import type { SettingUnit } from '../../src/runtime/shared/sync/settings/setting'

const MINUTE = 60_000
const KIBIBYTE = 1024

/** Largest first. */
const TIMES = [[24 * 60 * MINUTE, 'days'], [60 * MINUTE, 'h'], [MINUTE, 'min'], [1_000, 's'], [1, 'ms']] as const
const SIZES = [[KIBIBYTE * KIBIBYTE, 'MiB'], [KIBIBYTE, 'KiB'], [1, 'bytes']] as const

export const count = (value: number) => value.toLocaleString('en')

/** `30 s`, `10 min`: in the largest unit in which it is a whole number, or in the one that is named. */
export const time = (ms: number, unit?: typeof TIMES[number][1]) => measure(ms, TIMES, unit)
/** `512 KiB`. */
export const size = (bytes: number, unit?: typeof SIZES[number][1]) => measure(bytes, SIZES, unit)

export function inWords(value: number, unit: SettingUnit | undefined): string {
  return unit === 'bytes' ? size(value) : unit === 'milliseconds' ? time(value) : count(value)
}

function measure<U extends string>(value: number, units: readonly (readonly [number, U])[], unit?: U): string {
  const [factor, name] = units.find(([factor, name]) => unit ? name === unit : value % factor === 0)!
  if (value % factor !== 0) throw new Error(`${value} is no whole number of ${name}`)
  return `${count(value / factor)} ${name}`
}
