import { getRequestHeader, setResponseHeader } from 'h3'
import type { H3Event } from 'h3'
import { areCommitMarks } from '#or3-sync/shared/sync/protocol/commit-marks'
import { MARK_HEADER } from '#or3-sync/shared/sync/protocol/limits'

/** The newest marks that the device was told. Undefined: it sent none, or they were damaged on the way. */
export function readMark(event: H3Event): string | undefined {
  const marks = namedMarks(event)
  return areCommitMarks(marks) ? marks : undefined
}

/**
 * Sends the store's newest mark. A device that gets a new mark believes that the marks it sent were checked. If they could not be read, they
 * were not. Then no mark is sent back, and the device sends its marks again.
 */
export function tellMark(event: H3Event, mark: string | undefined): void {
  if (mark === undefined || (namedMarks(event) !== undefined && readMark(event) === undefined)) return
  setResponseHeader(event, MARK_HEADER, mark)
}

/** Proxies may add spaces to the list, and a header that comes twice is one list (RFC 9110, 5.3). */
function namedMarks(event: H3Event): string | undefined {
  const header = getRequestHeader(event, MARK_HEADER)
  return header === undefined ? undefined : [...new Set(header.split(',').map(mark => mark.trim()))].join(',')
}
