/**
 * The name under which the version of an erased workspace stays. Whoever knows the workspace's id finds it; nobody reads the id
 * out of it. It begins with a control character, which no workspace id has.
 *
 * @param sha256 Of the id's UTF-8 bytes, as hexadecimal digits. Each server has its own way to it.
 */
export function erasedName(sha256: string): string {
  return `\u0001erased:${sha256}`
}
