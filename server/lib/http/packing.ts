/** Smaller replies cost more to pack than to send. */
export const PACKED_MIN_BYTES = 1024
/** Most of what higher levels save, in half the time. */
export const PACK_LEVEL = 4
