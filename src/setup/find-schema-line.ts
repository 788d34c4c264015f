/**
 * Finds the line (1-based) of a mistake in the schema file: that of the field after its table's name, else that of the table.
 * It is a plain text search, so it may name a nearby line when the field is declared elsewhere.
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

/** Matches `name:`, `'name':` and the shorthand `name,`. */
function keyPattern(name: string): RegExp {
  return new RegExp(`(^|[\\s{,'"])${escape(name)}['"]?\\s*[:,]`)
}

function wordPattern(name: string): RegExp {
  return new RegExp(`(^|[^\\w$])${escape(name)}($|[^\\w$])`)
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
