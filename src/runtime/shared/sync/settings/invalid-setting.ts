import { startError } from '../errors/start-error'
import type { StartCode } from '../errors/start-entries'
import { nearestName } from '../schema/nearest-name'

/** The error for a setting that is not accepted. One line: the setting, its value (`shown`, which must not hold secrets), and what is accepted. */
export function invalidSetting(name: string, shown: string, accepted: string): Error {
  return oneLine('invalid-setting', `${name} is ${shown}; accepted: ${accepted}`)
}

/** The error for an unknown setting. One line, with the most similar known name. `path` ends in `name`. */
export function unknownSetting(path: string, name: string, known: readonly string[]): Error {
  const nearest = nearestName(name, known)
  return oneLine('unknown-option', `${path} is not an option${nearest ? ` (did you mean ${nearest}?)` : ''}; accepted: ${known.join(', ')}`)
}

function oneLine(code: StartCode, message: string): Error {
  const error = startError(code, message)
  // The mistake is in the user's configuration, so our call stack would not help.
  error.stack = error.message
  return error
}
