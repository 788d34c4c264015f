import { useRuntimeConfig } from 'nitropack/runtime'
import type { LogLevel } from '#or3-sync/shared/sync/settings/log-level'
import { jsonLogger } from '../lib/observe/json-logger'

/** Nitro hands modules no logger: what the operator must see goes to stderr, one line of JSON an entry. */
export const stderrLogger = jsonLogger({
  // Checked when the server starts.
  level: () => useRuntimeConfig().or3Sync.logLevel as LogLevel,
})
