/** Smaller replies cost more to compress than to send. */
export const PACKED_MIN_BYTES = 1024
/** The level for gzip. It saves nearly as much as higher levels, in half the time. */
export const PACK_LEVEL = 4
