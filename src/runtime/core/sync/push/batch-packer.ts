import { utf8Length } from '../../../shared/sync/protocol/utf8-length'
import type { OutboxWindow } from '../queue/outbox-window'
import type { CollectedOp } from './collect-batch'

export interface BatchLimits {
  /** About how much a batch of small groups holds. Bytes of payloads. */
  target: { ops: number, bytes: number }
  /** How much a single group may have. A larger one is cut. Bytes of the request. */
  most: { ops: number, bytes: number }
}

/** An op with the bytes of its payload. */
export interface PackedOp extends CollectedOp {
  bytes: number
}

export interface PackedBatch {
  ops: CollectedOp[]
  /** See `CollectedBatch.isOneGroup`. */
  isOneGroup: boolean
  /** Set when the first group has too many bytes, and is cut: how many its payloads have, as far as they were looked at. */
  cutBytes?: number
}

/** The part of a request around its ops, in bytes, at most. */
const FRAME_BYTES = 1024

/** Packs ops into a batch. It ends between groups if it can. A group that is too large for one push is cut. */
export class BatchPacker {
  readonly #ops: PackedOp[] = []
  /** Places in the window where a batch may end. */
  readonly #places: number[]
  /** The same, as numbers of ops. */
  readonly #ends: number[] = []
  #bytes = 0
  /** Bytes of the request with all ops so far. Null: not counted yet. */
  #requestBytes: number | null = null
  #state: 'open' | 'full' | 'cut' = 'open'

  constructor(private readonly window: Pick<OutboxWindow, 'ends' | 'cut'>, private readonly limits: BatchLimits) {
    this.#places = [...window.ends, window.cut].sort((a, b) => a - b)
  }

  /** `position`: the op's place in the window. @returns false when the batch is full. */
  add(op: PackedOp, position: number): boolean {
    while (this.#places.length && this.#places[0]! <= position) {
      this.#places.shift()
      if (this.#ops.length > (this.#ends.at(-1) ?? 0)) this.#ends.push(this.#ops.length)
    }
    if (this.#isAtTarget(op)) {
      if (position < this.window.cut) this.#ends.push(this.#ops.length)
      if (this.#ends.length) this.#state = 'full'
      else if (this.#exceeds(op)) this.#state = 'cut'
    }
    this.#bytes += op.bytes
    if (this.#state !== 'open') return false
    this.#ops.push(op)
    return true
  }

  packed(): PackedBatch {
    const chosen = this.#ops.slice(0, this.#size())
    const isOneGroup = this.window.cut === 0 && !this.#ends.some(end => end < chosen.length)
    return { ops: chosen.map(({ bytes: _, ...op }) => op), isOneGroup, ...(this.#state === 'cut' ? { cutBytes: this.#bytes } : {}) }
  }

  #size(): number {
    switch (this.#state) {
      case 'open': return this.#ops.length
      case 'full': return this.#ends.at(-1)!
      case 'cut': return this.#withinTarget()
    }
  }

  #isAtTarget({ bytes }: PackedOp): boolean {
    const { target } = this.limits
    return this.#ops.length > 0 && (this.#ops.length >= target.ops || this.#bytes + bytes > target.bytes)
  }

  /** How many of the ops fit into a batch of the target's size. At least one. */
  #withinTarget(): number {
    const { target } = this.limits
    let bytes = 0
    const first = this.#ops.findIndex((op, index) => {
      bytes += op.bytes
      return index >= target.ops || (index > 0 && bytes > target.bytes)
    })
    return first < 0 ? this.#ops.length : first
  }

  /** Whether a push with this op as well would be too large. */
  #exceeds(op: PackedOp): boolean {
    const { most } = this.limits
    if (this.#ops.length >= most.ops) return true
    this.#requestBytes ??= this.#ops.reduce((sum, added) => sum + bytesInRequest(added), FRAME_BYTES)
    this.#requestBytes += bytesInRequest(op)
    return this.#requestBytes > most.bytes
  }
}

function bytesInRequest({ op: { tableName, operation, pk, payload, stamp, base, unheard } }: PackedOp): number {
  return utf8Length(JSON.stringify({ tableName, operation, pk, payload, stamp, base, unheard })) + 1
}
