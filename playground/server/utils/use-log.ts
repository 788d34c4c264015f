import { jsonLogger } from 'or3-sync/server'

const log = jsonLogger({ write: line => process.stderr.write(line) })

/** The playground's own log: one line of JSON each, on stderr. */
export function useLog() {
  return log
}
