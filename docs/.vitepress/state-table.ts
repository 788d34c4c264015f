const ARROW = /^\s*(\S+) --> (\S+)(?:: (.+))?$/

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/**
 * A Mermaid state diagram as an HTML table: from, on which event, to. The site loads no Mermaid, which is larger than all the rest of it.
 * Returns null for other diagrams; these are shown as their source.
 */
export function stateTable(source: string): string | null {
  const [first, ...lines] = source.trim().split('\n')
  if (first !== 'stateDiagram-v2') return null
  const rows = lines.flatMap((line) => {
    const [, from, to, event] = ARROW.exec(line) ?? []
    if (!from || !to) return []
    const cells = [from === '[*]' ? 'begins as' : `<code>${escape(from)}</code>`, event ? escape(event) : '', `<code>${escape(to)}</code>`]
    return `<tr>${cells.map(cell => `<td>${cell}</td>`).join('')}</tr>`
  })
  return `<table><thead><tr><th>state</th><th>event</th><th>next state</th></tr></thead><tbody>${rows.join('')}</tbody></table>\n`
}
