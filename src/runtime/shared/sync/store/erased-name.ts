/**
 * The name under which a store keeps the version of an erased workspace. It can be found by the workspace's id, but the id cannot be
 * read out of it. It begins with a control character, which no workspace id has.
 *
 * @param sha256 SHA-256 of the id's UTF-8 bytes, as hexadecimal digits. The caller hashes, because each platform has its own crypto API.
 */
export function erasedName(sha256: string): string {
  return `\u0001erased:${sha256}`
}
