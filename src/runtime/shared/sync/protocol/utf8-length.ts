/** UTF-8 bytes of a text, without encoding it. A lone surrogate counts as the 3 bytes of U+FFFD. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x80) continue
    if (code < 0x800) bytes++
    else if (code >= 0xD800 && code < 0xDC00 && isLowSurrogate(text.charCodeAt(index + 1))) {
      bytes += 2
      index++
    }
    else bytes += 2
  }
  return bytes
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xDC00 && code < 0xE000
}
