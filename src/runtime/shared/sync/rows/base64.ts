/** Bytes as base64 text. */
export function toBase64(bytes: Uint8Array): string {
  let binary = ''
  // In slices, because a call can take only so many arguments.
  for (let start = 0; start < bytes.length; start += 8192) binary += String.fromCharCode(...bytes.subarray(start, start + 8192))
  return btoa(binary)
}

/** @returns undefined for text that is no base64. */
export function fromBase64(text: string): Uint8Array | undefined {
  try { return Uint8Array.from(atob(text), char => char.charCodeAt(0)) }
  catch { return undefined }
}
