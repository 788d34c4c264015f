import type { SyncErrorCode } from '#or3-sync/shared/sync/types'

const WORDS: Partial<Record<SyncErrorCode, string>> = {
  OVERSIZED: 'it is too large',
  READ_ONLY: 'you may read here, not write',
  UNAUTHORIZED: 'you are no member here any more',
  CONFLICT: 'it was deleted too long ago',
}

/** What zod says, and the same in words for people who know no types. `$1` is the field. */
const SCHEMA_WORDS: [RegExp, string][] = [
  [/^(\S+): Invalid input: expected (\w+), received undefined$/, '“$1” is missing'],
  [/^(\S+): Invalid input: expected (\w+), received (\w+)$/, '“$1” must be a $2, and is a $3'],
  [/^(\S+): Too big: expected string to have <=(\d+) characters$/, '“$1” is too long: at most $2 characters'],
  [/^(\S+): (.+)$/, '“$1”: $2'],
]

/** The reason why an edit was refused, to be shown after "Not sent:". */
export function refusalWords({ errorCode, error }: { errorCode?: SyncErrorCode, error?: string }): string {
  const words = errorCode && WORDS[errorCode]
  if (words || !error) return words ?? 'the server refused it'
  // A schema error begins with the field's path in the payload, for example `payload.title`.
  const text = error.replace(/^payload\./, '')
  const known = SCHEMA_WORDS.find(([pattern]) => pattern.test(text))
  return known ? text.replace(...known).replaceAll('a string', 'a text') : text
}
