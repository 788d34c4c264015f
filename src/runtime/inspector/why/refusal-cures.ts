import type { WireErrorCode } from '../../shared/sync/protocol/types'

/** What to do in the inspector about an edit that was refused, or waits aside, with this code. */
const CURES: Partial<Record<WireErrorCode, string>> = {
  VALIDATION_ERROR: 'Edit the row so that it fits the schema: the new edit is sent by itself. Or change the schema, deploy the server, and press "Retry".',
  OVERSIZED: 'Make the row smaller, or raise maxBytes of its table in the app and on the server, and press "Retry".',
  READ_ONLY: 'Let an owner make this user an editor again, then press "Retry". Or press "Discard".',
  UNAUTHORIZED: 'Once the user is a member again, press "Retry". Or press "Discard".',
  CONFLICT: 'The edit is older than the store remembers deletes. "Retry" sends it as an edit of now; "Discard" if the record was deleted on purpose.',
}

export function refusalCure(code: WireErrorCode | undefined): string {
  return (code && CURES[code]) ?? 'Press "Retry" to send it again, or "Discard" to give it up.'
}
