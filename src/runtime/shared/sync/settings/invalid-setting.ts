import { nearestName } from '../schema/nearest-name'

/** What stops a start: one line that names the setting, what it is (as it may be shown), and what is accepted. */
export function invalidSetting(name: string, shown: string, accepted: string): Error {
  return oneLine(`[or3-sync] ${name} is ${shown}; accepted: ${accepted}`)
}

/** What stops a start: a setting that nobody knows, with the name it may have been meant to have. `path` ends in `name`. */
export function unknownSetting(path: string, name: string, known: readonly string[]): Error {
  const nearest = nearestName(name, known)
  return oneLine(`[or3-sync] ${path} is not an option${nearest ? ` (did you mean ${nearest}?)` : ''}; accepted: ${known.join(', ')}`)
}

function oneLine(message: string): Error {
  const error = new Error(message)
  // Whoever set it has no use for our call stack.
  error.stack = error.message
  return error
}
