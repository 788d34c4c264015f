/** Pseudo-random numbers (mulberry32): a seed always gives the same sequence. Not for secrets. */
export class SeededRandom {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }

  /** The sequence of one part of a history. It does not depend on the other parts. */
  static of(seed: number, part: number): SeededRandom {
    return new SeededRandom(Math.imul(seed ^ 0x5BD1E995, 0x85EBCA6B) ^ Math.imul(part + 1, 0xC2B2AE35))
  }

  /** Starts again with another seed. */
  reseed(seed: number): void {
    this.#state = seed | 0
  }

  /** [0, 1) */
  next = (): number => {
    this.#state = (this.#state + 0x6D2B79F5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }

  /** An integer from `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1))
  }

  /** True with this probability. */
  chance(share: number): boolean {
    return share > 0 && this.next() < share
  }

  pick<T>(list: readonly T[]): T {
    if (!list.length) throw new RangeError('nothing to pick from: the list is empty')
    return list[Math.floor(this.next() * list.length)]!
  }

  /** A lower-case UUID v4. */
  uuid = (): string => {
    let hex = ''
    while (hex.length < 32) hex += Math.floor(this.next() * 16).toString(16)
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20)}`
  }

  /** Returns a sequence of its own. Numbers drawn from it do not shift those drawn from this one. */
  fork(): SeededRandom {
    return new SeededRandom(Math.floor(this.next() * 4294967296))
  }
}
