/** What stops a start: one line that names the setting, what it is (as it may be shown), and what is accepted. */
export function invalidSetting(name: string, shown: string, accepted: string): Error {
  const error = new Error(`[or3-sync] ${name} is ${shown}; accepted: ${accepted}`)
  // Whoever set the variable has no use for our call stack.
  error.stack = error.message
  return error
}
