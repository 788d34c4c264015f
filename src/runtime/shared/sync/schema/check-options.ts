import { nearestName } from './nearest-name'

/** The options of a table that an app may set. */
const TABLE_OPTIONS = ['schema', 'primaryKey', 'indexes', 'fields', 'capture', 'exclude', 'maxBytes', 'upgradeRow', 'wireName']
/** Properties that `defineSyncSchema` adds. They are accepted, so that a table of a finished schema can be used in another one. */
const MADE_OF_THEM = ['name', 'wirePrimaryKey', 'toWireName', 'toLocalName']

const KNOWN_OPTIONS = {
  schema: ['version', 'tables', 'steps'],
  table: [...TABLE_OPTIONS, ...MADE_OF_THEM],
  step: ['version', 'upgrade'],
} as const satisfies Record<string, readonly string[]>

const SHOWN: Partial<Record<keyof typeof KNOWN_OPTIONS, readonly string[]>> = { table: TABLE_OPTIONS }

/** @returns the first unknown option, with a message that names the right ones, or null. */
export function unknownOption(kind: keyof typeof KNOWN_OPTIONS, options: object): { name: string, message: string } | null {
  const known: readonly string[] = KNOWN_OPTIONS[kind]
  const name = Object.keys(options).find(key => !known.includes(key))
  if (name === undefined) return null
  const shown = SHOWN[kind] ?? known
  const nearest = nearestName(name, shown)
  return { name, message: `unknown option "${name}"; ${nearest ? `did you mean "${nearest}"?` : `the options are ${shown.join(', ')}`}` }
}
