import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { stateTable } from '../../../docs/.vitepress/state-table'

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname
const read = (page: string) => readFileSync(new URL(`../../../docs/${page}`, import.meta.url), 'utf8')

/** The page, the file of an app, and where the one that is tested stands below `test/fixtures`. */
const SHOWN = [
  ['guides/existing-dexie-app.md', 'app/utils/import-old-database.ts', 'docs-app/existing-dexie/import-old-database.ts'],
  ['guides/existing-dexie-app.md', 'app/utils/export-rows.ts', 'docs-app/existing-dexie/export-rows.ts'],
  ['guides/testing-your-app.md', 'test/two-devices.ts', 'docs-app/testing-your-app/two-devices.ts'],
  ['guides/testing-your-app.md', 'test/todos.test.ts', 'docs-app/testing-your-app/todos.test.ts'],
] as const

describe('the guides', () => {
  it.each(SHOWN)('docs/%s shows %s as it is tested', (page, name, tested) => {
    expect(read(page)).toContain(`\`\`\`ts\n// ${name}\n${readFileSync(FIXTURES + tested, 'utf8')}\`\`\``)
  })
})

describe('drawings on the site', () => {
  it('a state diagram is a table, without a script from anywhere', () => {
    expect(stateTable('stateDiagram-v2\n  [*] --> stopped\n  stopped --> running: begin\n')).toContain('<tr><td><code>stopped</code></td><td>begin</td><td><code>running</code></td></tr>')
  })

  it('other diagrams are shown as they are written', () => {
    expect(stateTable('flowchart LR\n  a --> b')).toBeNull()
  })
})
