import type { SyncErrorCode } from '#or3-sync/shared/sync/types'

const WORDS: Partial<Record<SyncErrorCode, string>> = {
  OVERSIZED: 'it is too large',
  READ_ONLY: 'you may read here, not write',
  UNAUTHORIZED: 'you are no member here any more',
  CONFLICT: 'it was deleted too long ago',
}

/** The reason why an edit was refused, to be shown after "Not sent:". */
export function refusalWords({ errorCode, error }: { errorCode?: SyncErrorCode, error?: string }): string {
  const words = errorCode && WORDS[errorCode]
  // A schema error begins with the field's path in the payload, for example `payload.title`.
  return words ?? error?.replace(/^payload\./, '') ?? 'the server refused it'
}
