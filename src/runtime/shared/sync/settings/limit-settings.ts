import { number } from './setting'

const MEBIBYTE = 1024 * 1024

const limit = (fallback: number) => number(fallback, { min: 1, mayBeInfinite: true })

/** What one user, and all of them, may ask of a gateway. */
export const LIMIT_SETTINGS = {
  /** Per user and minute: requests, and bytes. */
  rateLimits: { push: limit(3_000), pull: limit(3_000), cursor: limit(600), token: limit(60), bytesIn: limit(256 * MEBIBYTE), bytesOut: limit(512 * MEBIBYTE) },
  /** Open change streams. */
  streamLimits: { perUser: limit(64), total: limit(10_000) },
  /** Bytes held for requests; for streams half as much beside it. */
  memoryLimits: { perUser: limit(16 * MEBIBYTE), total: limit(128 * MEBIBYTE) },
} as const

/** Days; 0: never. */
export const PURGE_SETTING = number(0, { min: 0, max: 36_500, mayBeFraction: true })
