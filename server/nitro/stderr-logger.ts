import { useRuntimeConfig } from 'nitropack/runtime'
import type { LogLevel } from '#or3-sync/shared/sync/settings/log-level'
import { jsonLogger } from '../lib/observe/json-logger'

/** The server's log: one line of JSON per entry, on stderr. Nitro gives modules no logger. */
export const stderrLogger = jsonLogger({
  // The value was checked when the server started.
  level: () => useRuntimeConfig().or3Sync.logLevel as LogLevel,
})
