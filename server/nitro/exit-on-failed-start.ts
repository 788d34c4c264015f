/**
 * Ends a start that cannot succeed, with one line that says why. Throwing would print a stack trace around it,
 * and once stores open asynchronously Nitro would only log the error and serve on without one.
 */
export function exitOnFailedStart(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`${message.replaceAll('\n', ' ')}\n`)
  process.exit(1)
}
