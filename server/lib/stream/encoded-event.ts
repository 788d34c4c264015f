import { promisify } from 'node:util'
import { constants, deflateRaw } from 'node:zlib'
import { storedBlocks } from './stored-blocks'

const deflate = promisify(deflateRaw)

/** Smaller events are sent as they are, in the frame of a packed stream. */
const PACKED_MIN_BYTES = 1024
const LEVEL = 4

/** A server-sent event as the bytes that go out: made once for all the streams that send it. */
export class EncodedEvent {
  private packing: Promise<Buffer> | undefined

  constructor(readonly bytes: Buffer) {}

  /** `data` is JSON, so it has no line breaks. */
  static of(event: string, data: Buffer, id?: number): EncodedEvent {
    return new EncodedEvent(Buffer.concat([Buffer.from(`event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: `), data, Buffer.from('\n\n')]))
  }

  /** As blocks of a deflate stream that refer to nothing before them and end at a whole byte: they fit into any stream. Packed off this thread. */
  packed(): Buffer | Promise<Buffer> {
    if (this.bytes.byteLength < PACKED_MIN_BYTES) return storedBlocks(this.bytes)
    return this.packing ??= deflate(this.bytes, { level: LEVEL, finishFlush: constants.Z_FULL_FLUSH })
  }
}
