import zlib from 'node:zlib'
import type { EncodedEvent } from './encoded-event'
import { storedBlocks } from './stored-blocks'

/** The gzip header (RFC 1952): deflate, no name, no time, unknown system. */
const HEADER = Buffer.from([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF])
/** An empty last block. */
const LAST_BLOCK = Buffer.from([3, 0])

/** Makes one gzip stream of events that were compressed once for many readers. It adds the header, and the checksum at the end. */
export class GzipFrame {
  /** Node before 22.2 has no `zlib.crc32`. */
  static readonly isSupported = typeof zlib.crc32 === 'function'
  #checksum = 0
  #length = 0

  /** The header, and the first bytes of the stream. */
  begin(bytes: Buffer): Buffer {
    this.#count(bytes)
    return Buffer.concat([HEADER, storedBlocks(bytes)])
  }

  /** Call it in the order of sending. @returns `packed`, the event's compressed bytes */
  add({ bytes }: EncodedEvent, packed: Buffer): Buffer {
    this.#count(bytes)
    return packed
  }

  end(): Buffer {
    const trailer = Buffer.alloc(8)
    trailer.writeUInt32LE(this.#checksum, 0)
    trailer.writeUInt32LE(this.#length, 4)
    return Buffer.concat([LAST_BLOCK, trailer])
  }

  #count(bytes: Buffer): void {
    this.#checksum = zlib.crc32(bytes, this.#checksum)
    this.#length = (this.#length + bytes.byteLength) % 2 ** 32
  }
}
