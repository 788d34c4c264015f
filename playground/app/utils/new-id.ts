/** A random id of 32 hex digits. Not `crypto.randomUUID`, which plain http (a demo in the local network) does not have. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')
}
