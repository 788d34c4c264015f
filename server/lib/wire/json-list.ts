const [OPEN, COMMA, CLOSE] = ['[', ',', ']'].map(text => Buffer.from(text)) as [Buffer, Buffer, Buffer]

/**
 * JSON texts as the parts of a JSON array. For thousands of rows, putting bytes together is several times faster than joining texts and
 * encoding the result.
 */
export function jsonList(items: readonly Buffer[]): Buffer[] {
  return [OPEN, ...items.flatMap((item, index) => index === 0 ? [item] : [COMMA, item]), CLOSE]
}
