/** IndexedDB's order of the kinds of keys. */
const KINDS = ['number', 'date', 'string', 'binary', 'array'] as const

/** Whether IndexedDB takes the value as a key. NaN, booleans, null and objects are no keys. */
export function isKey(value: unknown): boolean {
  switch (kindOf(value)) {
    case 'number': return !Number.isNaN(value)
    case 'date': return !Number.isNaN(Number(value))
    case 'array': return (value as unknown[]).every(isKey)
    default: return kindOf(value) !== null
  }
}

/**
 * The order of two keys in IndexedDB: numbers, dates, texts, bytes, lists. Texts are compared by their UTF-16 code units, lists item by item.
 * Both must be keys (see {@link isKey}).
 *
 * @returns below 0: `a` comes first. 0: IndexedDB takes them as the same key.
 */
export function compareKeys(a: unknown, b: unknown): number {
  const kind = kindOf(a)
  const other = kindOf(b)
  if (kind !== other) return KINDS.indexOf(kind!) - KINDS.indexOf(other!)
  switch (kind) {
    case 'date': return Number(a) - Number(b)
    case 'binary': return compareLists([...bytesOf(a)], [...bytesOf(b)])
    case 'array': return compareLists(a as unknown[], b as unknown[])
    // Not the difference: that of two infinities is NaN.
    default: return a === b ? 0 : (a as string) < (b as string) ? -1 : 1
  }
}

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compareKeys(a[index], b[index])
    if (order !== 0) return order
  }
  return a.length - b.length
}

function kindOf(value: unknown): typeof KINDS[number] | null {
  if (typeof value === 'string' || typeof value === 'number') return typeof value as 'string' | 'number'
  if (Array.isArray(value)) return 'array'
  // The brand, not `instanceof`, because an iframe has classes of its own.
  if (Object.prototype.toString.call(value) === '[object Date]') return 'date'
  return ArrayBuffer.isView(value) || isBuffer(value) ? 'binary' : null
}

function isBuffer(value: unknown): value is ArrayBuffer {
  return Object.prototype.toString.call(value) === '[object ArrayBuffer]'
}

function bytesOf(value: unknown): Uint8Array {
  const { buffer, byteOffset, byteLength } = isBuffer(value) ? new Uint8Array(value) : value as ArrayBufferView
  return new Uint8Array(buffer, byteOffset, byteLength)
}
