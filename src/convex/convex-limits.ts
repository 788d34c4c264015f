/**
 * UTF-8 bytes of a row's JSON. What an op replaced is kept in its device's memory, one document of 1 MiB in which the
 * text is escaped once more and may double.
 */
export const CONVEX_ROW_MAX_BYTES = 384 * 1024
/** UTF-8 bytes of a device's memory. */
export const MEMORY_MAX_BYTES = 640_000
/** The same where it is of one op alone: a document holds 1 MiB. */
export const MEMORY_MAX_OP_BYTES = 1_000_000
/**
 * UTF-8 bytes of devices' memories that a batch may read. They may all have to be written again. A single op names at most nine writers, whose
 * memories a transaction holds, so it always passes.
 */
export const MEMORIES_MAX_READ_BYTES = 4 * 1024 * 1024
/** Characters of payloads in a device's memory that can be pulled as well. */
export const MEMORY_MAX_WINNER_TEXT = 128 * 1024

export const PULL_MAX_ROWS = 500
/** Rows one pull looks at before it ends its page: filters may leave out any number of them. */
export const PULL_MAX_SCAN = 2_000

/** Records one list looks at before it ends: any number of them may be deleted. */
export const LIST_MAX_SCAN = 2_000

/** Devices of one user whose cursors are kept in one workspace. All are read when one of them reports. */
export const CURSORS_PER_USER = 200

/** Documents one run of the garbage collector takes on: half of them devices, half tombstones. */
export const GC_MAX_DEVICES = 100
export const GC_MAX_TOMBSTONES = 100
/** UTF-8 bytes of devices' memories that one run deletes, at least one. */
export const GC_MAX_RESULTS_BYTES = 2 * 1024 * 1024

/** Records and devices that one run of an erasure removes. A record is up to three documents. */
export const ERASE_MAX_ROWS = 100
/** UTF-8 bytes of payloads that one run removes, at least one. In a table that follows they may stand once more. */
export const ERASE_MAX_BYTES = 1024 * 1024
