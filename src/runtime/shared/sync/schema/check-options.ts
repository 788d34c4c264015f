import { nearestName } from './nearest-name'

/** @returns the first unknown option, with a message that names the `known` ones, or null. `accepted`: names that are accepted, but not named. */
export function unknownOption(options: object, known: readonly string[], accepted: readonly string[] = []): { name: string, message: string } | null {
  const name = Object.keys(options).find(key => !known.includes(key) && !accepted.includes(key))
  if (name === undefined) return null
  const nearest = nearestName(name, known)
  return { name, message: `unknown option "${name}"; ${nearest ? `did you mean "${nearest}"?` : `the options are ${known.join(', ')}`}` }
}
