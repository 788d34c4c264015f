import { number, type SettingUnit } from './setting'

const MEBIBYTE = 1024 * 1024

const limit = (fallback: number, about: string, unit?: SettingUnit) => number({ fallback, about, unit, min: 1, mayBeInfinite: true })

/** What one user, and all of them, may ask of a gateway. */
export const LIMIT_SETTINGS = {
  rateLimits: {
    push: limit(3_000, 'Pushes per user and minute.'),
    pull: limit(3_000, 'Pulls and subscriptions per user and minute.'),
    cursor: limit(600, 'Reports of how far a device has read, per user and minute.'),
    token: limit(60, 'Tokens for a store that the browser speaks to directly, per user and minute.'),
    bytesIn: limit(256 * MEBIBYTE, 'Bodies of requests per user and minute, unpacked.', 'bytes'),
    bytesOut: limit(512 * MEBIBYTE, 'Replies and what change streams carry, per user and minute, before they are packed.', 'bytes'),
  },
  streamLimits: {
    perUser: limit(64, 'Change streams that one user may have open: a device has one for each workspace it shows.'),
    total: limit(10_000, 'Change streams that one server may have open.'),
  },
  memoryLimits: {
    perUser: limit(16 * MEBIBYTE, 'Bodies and replies held at a time for one user. Change streams have half as much beside it.', 'bytes'),
    total: limit(128 * MEBIBYTE, 'Bodies and replies held at a time for all users. Change streams have half as much beside it.', 'bytes'),
  },
} as const
