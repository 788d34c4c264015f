import { promisify } from 'node:util'
import { constants, deflateRaw } from 'node:zlib'
import { PACK_LEVEL, PACKED_MIN_BYTES } from '../../http/packing'
import type { FeedMessage, MessageForm } from '../feed-message'
import { storedBlocks } from './stored-blocks'

const deflate = promisify(deflateRaw)

const END = Buffer.from('\n\n')

/** A server-sent event as the bytes that go out. */
export class EncodedEvent implements MessageForm {
  #packing: Promise<Buffer> | undefined

  private constructor(readonly bytes: Buffer, readonly data: Buffer) {}

  /** Use it as `message.as(EncodedEvent.of)`. The data is JSON, so it has no line breaks. */
  static readonly of = ({ kind, data, id }: FeedMessage): EncodedEvent => {
    const head = Buffer.from(`event: ${kind}\n${id === undefined ? '' : `id: ${id}\n`}data: `)
    const bytes = Buffer.concat([head, data, END])
    return new EncodedEvent(bytes, bytes.subarray(head.byteLength, -END.byteLength))
  }

  /**
   * The event as deflate blocks that refer to nothing before them and end at a whole byte, so they fit into any reader's stream. Compressed
   * off the main thread. Small events are not compressed.
   */
  packed(): Buffer | Promise<Buffer> {
    if (this.bytes.byteLength < PACKED_MIN_BYTES) return storedBlocks(this.bytes)
    return this.#packing ??= deflate(this.bytes, { level: PACK_LEVEL, finishFlush: constants.Z_FULL_FLUSH })
  }
}
