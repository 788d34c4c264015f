import { getRequestHeader, setResponseHeader } from 'h3'
import type { H3Event } from 'h3'
import { areCommitMarks } from '#or3-sync/shared/sync/protocol/commit-marks'
import { MARK_HEADER } from '#or3-sync/shared/sync/protocol/limits'

/** The newest commits that the device was told of; undefined: it does not say, or what it says was damaged on its way. */
export function readMark(event: H3Event): string | undefined {
  const marks = namedMarks(event)
  return areCommitMarks(marks) ? marks : undefined
}

/** A device takes its marks for looked at when it is told a new one. Those that could not be read it has to hand over again. */
export function tellMark(event: H3Event, mark: string | undefined): void {
  if (mark === undefined || (namedMarks(event) !== undefined && readMark(event) === undefined)) return
  setResponseHeader(event, MARK_HEADER, mark)
}

/** Proxies may add spaces to the list, and a header that comes twice is one list (RFC 9110, 5.3). */
function namedMarks(event: H3Event): string | undefined {
  const header = getRequestHeader(event, MARK_HEADER)
  return header === undefined ? undefined : [...new Set(header.split(',').map(mark => mark.trim()))].join(',')
}
