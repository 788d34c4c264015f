import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EventStreamParser, type StreamMessage } from '../../../src/runtime/core/sync/transport/gateway/streams/event-stream-parser'

function read(...pieces: string[]): StreamMessage[] {
  const parser = new EventStreamParser()
  return pieces.flatMap(piece => parser.feed(piece))
}

/** What a parser of somebody else's finds. */
function readByOther(pieces: readonly string[]): StreamMessage[] {
  const found: StreamMessage[] = []
  const parser = createParser({ onEvent: ({ event, data }) => found.push({ event, data }) })
  for (const piece of pieces) parser.feed(piece)
  return found
}

it('reads the events of the gateway', () => {
  expect(read('retry: 3000\n\n', 'event: changes\nid: 7\ndata: {"a":1}\n\nevent: ping\ndata: {}\n\n')).toEqual([
    { event: 'changes', data: '{"a":1}' }, { event: 'ping', data: '{}' },
  ])
})

it('an event is complete only with the empty line after it, so one that was cut off is none', () => {
  expect(read('event: changes\ndata: {"a":1}\n')).toEqual([])
  expect(read('data: 1\n', '\n')).toEqual([{ data: '1' }])
})

it('a line break of two characters may be cut in the middle', () => {
  expect(read('data: 1\r', '\n\r', '\ndata: 2\r\n\r\n')).toEqual([{ data: '1' }, { data: '2' }])
})

it('a value keeps its colons and all spaces but the first', () => {
  expect(read('data:  a: b \ndata\ndata:c\n\n')).toEqual([{ data: ' a: b \n\nc' }])
})

it('comments, unknown fields and events without data are no events', () => {
  expect(read(': still there\n\nevent: changes\n\nwhat: ever\ndata: 1\n\n')).toEqual([{ data: '1' }])
})

it('finds what another parser finds in any stream, wherever it is cut', () => {
  const part = fc.constantFrom('data', 'event', 'id', 'retry', 'dat', ':', ': ', ' ', '\n', '\r', '\r\n', '\n\n', 'data: x', 'event: changes', 'é', '"')
  const pieces = fc.array(fc.array(part, { maxLength: 6 }).map(parts => parts.join('')), { maxLength: 12 })
  fc.assert(fc.property(pieces, (cut) => { expect(read(...cut)).toEqual(readByOther(cut)) }), { numRuns: 5_000 })
})
