import { useRuntimeConfig } from 'nitropack/runtime'
import { jsonLogger, LOG_LEVELS } from '../lib/json-logger'

/** Nitro hands modules no logger: what the operator must see goes to stderr, one line of JSON an entry. */
export const stderrLogger = jsonLogger({
  level: () => {
    const { logLevel } = useRuntimeConfig().or3Sync
    return LOG_LEVELS.find(level => level === logLevel) ?? 'info'
  },
})
