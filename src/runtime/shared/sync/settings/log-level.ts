/** Least urgent last: a level lets through itself and all before it. */
export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const
export type LogLevel = typeof LOG_LEVELS[number]

/** Whether a line of `own` urgency is written where `level` is set. */
export function isLogged(own: LogLevel, level: LogLevel): boolean {
  return LOG_LEVELS.indexOf(own) <= LOG_LEVELS.indexOf(level)
}
