/** An id as it stands in a database's name: percent-encoded, `-` too, since it separates user and workspace. */
export function encodeDatabaseId(id: string): string {
  return encodeURIComponent(id).replaceAll('-', '%2D')
}
