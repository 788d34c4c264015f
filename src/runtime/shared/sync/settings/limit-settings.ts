import { number, type SettingUnit } from './setting'

const MEBIBYTE = 1024 * 1024

const limit = (fallback: number, about: string, unit?: SettingUnit) => number({ fallback, about, unit, min: 1, mayBeInfinite: true })

/** The limits of a gateway: for one user, and in total. */
export const LIMIT_SETTINGS = {
  rateLimits: {
    push: limit(3_000, 'Pushes per user and minute.'),
    pull: limit(3_000, 'Pulls and subscriptions per user and minute.'),
    cursor: limit(600, 'Cursor reports (how far a device has read) per user and minute.'),
    token: limit(60, 'Tokens per user and minute, for a store that the browser connects to directly.'),
    bytesIn: limit(256 * MEBIBYTE, 'Size of request bodies per user and minute, after decompression.', 'bytes'),
    bytesOut: limit(512 * MEBIBYTE, 'Size of replies and change streams per user and minute, before compression.', 'bytes'),
  },
  streamLimits: {
    perUser: limit(64, 'Change streams that one user may have open. A device has one for each workspace it shows.'),
    total: limit(10_000, 'Change streams that one server may have open.'),
  },
  memoryLimits: {
    perUser: limit(16 * MEBIBYTE, 'Memory for request bodies and replies of one user. Change streams may use half as much in addition.', 'bytes'),
    total: limit(128 * MEBIBYTE, 'Memory for request bodies and replies of all users. Change streams may use half as much in addition.', 'bytes'),
  },
} as const
