/** From fewest to most lines. A level also shows the lines of all levels before it. */
export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const
export type LogLevel = typeof LOG_LEVELS[number]

/** Whether a line of level `own` is written when `level` is set. */
export function isLogged(own: LogLevel, level: LogLevel): boolean {
  return LOG_LEVELS.indexOf(own) <= LOG_LEVELS.indexOf(level)
}
