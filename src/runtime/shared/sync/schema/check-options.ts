import { nearestName } from './nearest-name'

/** What an app may say about a table. */
const TABLE_OPTIONS = ['schema', 'primaryKey', 'indexes', 'fields', 'capture', 'exclude', 'maxBytes', 'upgradeRow', 'wireName']
/** What `defineSyncSchema` makes of it: a table of another schema may be handed in as it is. */
const MADE_OF_THEM = ['name', 'wirePrimaryKey', 'toWireName', 'toLocalName']

const KNOWN_OPTIONS = {
  schema: ['version', 'tables', 'steps'],
  table: [...TABLE_OPTIONS, ...MADE_OF_THEM],
  step: ['version', 'upgrade'],
} as const satisfies Record<string, readonly string[]>

const SHOWN: Partial<Record<keyof typeof KNOWN_OPTIONS, readonly string[]>> = { table: TABLE_OPTIONS }

/** @returns the first option that nobody knows, with what would be right, or null. */
export function unknownOption(kind: keyof typeof KNOWN_OPTIONS, options: object): { name: string, message: string } | null {
  const known: readonly string[] = KNOWN_OPTIONS[kind]
  const name = Object.keys(options).find(key => !known.includes(key))
  if (name === undefined) return null
  const shown = SHOWN[kind] ?? known
  const nearest = nearestName(name, shown)
  return { name, message: `unknown option "${name}"; ${nearest ? `did you mean "${nearest}"?` : `the options are ${shown.join(', ')}`}` }
}
