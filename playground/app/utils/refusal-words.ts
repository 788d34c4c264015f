import type { SyncErrorCode } from '#or3-sync/shared/sync/types'

const WORDS: Partial<Record<SyncErrorCode, string>> = {
  OVERSIZED: 'it is too large',
  READ_ONLY: 'you may read here, not write',
  UNAUTHORIZED: 'you are no member here any more',
  CONFLICT: 'it was deleted too long ago',
}

/** Why an edit was refused, to follow "Not sent:". */
export function refusalWords({ errorCode, error }: { errorCode?: SyncErrorCode, error?: string }): string {
  const words = errorCode && WORDS[errorCode]
  // The reason of a schema names the field first, as it stands in the payload.
  return words ?? error?.replace(/^payload\./, '') ?? 'the server refused it'
}
