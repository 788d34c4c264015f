import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readExports, type ExportedName } from './read-exports.ts'

interface Entry {
  /** What an app imports from. */
  name: string
  file: string
  about: string
  page: string
}

export const ENTRIES: Entry[] = [
  { name: '#or3-sync', file: 'src/runtime/index.ts', about: 'In an app. The functions are auto-imported as well.', page: 'composables' },
  { name: 'or3-sync/schema', file: 'src/runtime/schema.ts', about: 'For the schema file.', page: 'schema' },
  { name: 'or3-sync/server', file: 'server/lib/index.ts', about: 'For server code, with or without Nuxt.', page: 'backends' },
  { name: 'or3-sync/client', file: 'src/runtime/client.ts', about: 'The engine without Nuxt.', page: 'custom-providers' },
  { name: 'or3-sync/convex', file: 'src/convex/index.ts', about: 'For the functions of a Convex deployment.', page: 'convex-functions' },
  { name: 'or3-sync/testing', file: 'src/testing/index.ts', about: 'For the tests of your own provider or backend.', page: 'testing' },
]

/** What is listed on a page of its own. Pages that this checkout lacks are left out. */
const ELSEWHERE: [page: string, what: string][] = [
  ['configuration.md#options', 'Options of the module, with their environment variables and defaults'],
  ['composables.md', 'Composables: what each takes and returns'],
  ['components.md', 'Components: their props and slots'],
  ['hooks.md#actions', 'Hooks in the browser'],
  ['hooks.md#on-the-server', 'Hooks on the server'],
  ['server-writes.md', 'What server code calls: `write`, `get`, `list`'],
  ['errors.md', 'Error codes: cause and fix of each'],
  ['troubleshooting.md#error-codes', 'Which code comes from where'],
  ['protocol.md#routes', 'HTTP routes of the gateway'],
  ['operations.md#metrics', 'Metrics'],
  ['operations.md#limits', 'Limits'],
  ['configuration.md#numbers-that-are-not-options', 'Numbers that are fixed'],
]

const fileOf = (path: string): string => fileURLToPath(new URL(`../../docs/${path.split('#')[0]}`, import.meta.url))

/** The text of `docs/reference.md`, made of what the entry files export and of the docstrings there. */
export function referencePage(): string {
  const exports = readExports(ENTRIES.map(({ file }) => file))
  return [
    '# Reference',
    '',
    '<!-- written by `npm run docs:reference` -->',
    '',
    '| | |',
    '|---|---|',
    ...ELSEWHERE.filter(([page]) => existsSync(fileOf(page))).map(([page, what]) => `| [${page.replace('.md', '').replace('#', ': ').replaceAll('-', ' ')}](./${page}) | ${what} |`),
    '',
    'Functions, classes and constants by the entry from which they are imported, with the first sentence of their docstrings. Your editor shows the rest. The types of what they take and return are exported by the same entry.',
    ...ENTRIES.flatMap(entry => entrySection(entry, exports.get(entry.file)!)),
    '',
  ].join('\n')
}

function entrySection({ name, about, page }: Entry, exported: ExportedName[]): string[] {
  const rows = exported.map(item => `| \`${item.name}${item.kind === 'function' ? '()' : ''}\` | ${item.about} |`)
  return ['', `## ${name}`, '', `${about} More in [${page}.md](./${page}.md).`, '', '| | |', '|---|---|', ...rows]
}
