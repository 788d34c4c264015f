/**
 * The line a schema mistake is on, 1-based: of the field within its table, else of the table.
 * A search in the text: it knows nothing of scopes, and names the nearest line when the field is written elsewhere.
 *
 * @returns null when nothing matches.
 */
export function findSchemaLine(source: string, table?: string, field?: string): number | null {
  const lines = source.split('\n')
  const start = table === undefined ? 0 : lines.findIndex(line => keyPattern(table).test(line))
  if (start === -1) return null
  if (field !== undefined) {
    const word = wordPattern(field)
    const found = lines.findIndex((line, index) => index >= start && word.test(line))
    if (found !== -1) return found + 1
  }
  return table === undefined ? null : start + 1
}

/** `name:`, `'name':` or the shorthand `name,`. */
function keyPattern(name: string): RegExp {
  return new RegExp(`(^|[\\s{,'"])${escape(name)}['"]?\\s*[:,]`)
}

function wordPattern(name: string): RegExp {
  return new RegExp(`(^|[^\\w$])${escape(name)}($|[^\\w$])`)
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
