import { getRequestHeader, setResponseHeader } from 'h3'
import type { H3Event } from 'h3'
import { isCommitMark } from '#or3-sync/shared/sync/commit-history'
import { MARK_HEADER } from '#or3-sync/shared/sync/limits'
import { GatewayError } from './gateway-error'

/**
 * The newest commit that the device was told of; undefined: it does not say.
 *
 * @throws GatewayError 400
 */
export function readMark(event: H3Event): string | undefined {
  const mark = getRequestHeader(event, MARK_HEADER)
  if (mark === undefined || isCommitMark(mark)) return mark
  throw new GatewayError(400, 'VALIDATION_ERROR', `${MARK_HEADER}: must be a value that this server has sent`)
}

export function tellMark(event: H3Event, mark: string | undefined): void {
  if (mark !== undefined) setResponseHeader(event, MARK_HEADER, mark)
}
