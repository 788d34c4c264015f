import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder that holds the pages. */
export const DOCS = fileURLToPath(new URL('..', import.meta.url))

export interface DocsPage {
  /** Path below `docs/`, without `.md`. */
  path: string
  title: string
  /** One line that says what the page answers. It stands in `llms.txt` and in the index of the reference. */
  about: string
}

export interface DocsGroup {
  title: string
  pages: DocsPage[]
  /** Folded in the sidebar until the reader opens it. */
  collapsed?: boolean
}

const page = (path: string, title: string, about: string): DocsPage => ({ path, title, about })

/** All pages, in the order of the sidebar. A test checks that none is missing. */
const ALL_GROUPS: DocsGroup[] = [
  { title: 'Start', pages: [
    page('tutorial', 'Tutorial', 'From an empty Nuxt app to two devices in sync, a conflict, and a production build'),
    page('features', 'What works', 'What this version does, and what it does not'),
    page('concepts', 'Concepts', 'How a write travels, how edits are ordered, and what a conflict is, with one picture each'),
    page('glossary', 'Glossary', 'The words of these pages, one for each thing'),
    page('comparison', 'Comparison', 'Dexie Cloud, Replicache, Zero, PowerSync, RxDB, Electric and Triplit beside or3-sync'),
  ] },
  { title: 'Guides', pages: [
    page('schema', 'Declaring tables', 'The schema file: tables, keys, indexes, what rows may hold, upgrades and renames'),
    page('auth', 'Sessions and tokens', 'Tell the server who is signed in: nuxt-auth-utils, Better Auth, Clerk, or your own session'),
    page('server-rendering', 'Server rendering', 'Pages that come from the server with their rows in them'),
    page('consistency', 'What other devices see', 'What is promised about transactions, causes and effects, and when'),
    page('server-writes', 'Writing from the server', 'Read and write the same rows in server code'),
    page('server-hooks', 'Reacting to changes', 'Server code that runs after each commit: webhooks, search, answers of a model'),
    page('guides/existing-dexie-app', 'An app that has Dexie', 'Move an existing Dexie database into or3-sync, and out again'),
    page('guides/offline-and-pwa', 'Offline and PWA', 'An app that opens, reads and writes without a network'),
    page('guides/testing-your-app', 'Testing your app', 'Unit tests with an engine and a gateway in one process, and browser tests'),
    page('guides/deploying', 'Deploying', 'Docker, nginx, Caddy, several processes, Convex, and what works on which host'),
    page('guides/leaving-other-tools', 'Leaving other tools', 'Move from InstantDB, Electric, Dexie Cloud, PowerSync or Triplit'),
    page('convex', 'Convex', 'Convex as the store: behind the gateway, or straight from the browser'),
    page('operations', 'Operations', 'Health, logs, metrics, limits, backup, export and erasure'),
    page('troubleshooting', 'Troubleshooting', 'Symptoms, error codes, and what to do'),
    page('devtools', 'DevTools', 'The inspector: live state, queue, conflicts, and why a record is not synced'),
    page('doctor', 'The doctor', 'A command that checks an app and says what is wrong'),
    page('mistakes', 'Common mistakes', 'What newcomers get wrong, and what the tool says to it'),
  ] },
  { title: 'Reference', pages: [
    page('reference', 'Index', 'Everything that can be called, set or listened to, by name'),
    page('composables', 'Composables', 'useLiveQuery, useSyncRow, useSyncStatus, useRowState, $syncEngine and the others'),
    page('components', 'Components', 'Ready-made components for status, queue, conflicts and progress'),
    page('configuration', 'Configuration', 'All options, their environment variables and their defaults'),
    page('hooks', 'Hooks', 'Hooks in the browser and on the server'),
    page('errors', 'Errors', 'Every error code: cause and fix'),
    page('protocol', 'HTTP protocol', 'Routes, requests and answers of the gateway'),
    page('backends', 'Backends', 'Stores behind the gateway, the gateway without Nuxt, and how to write a backend'),
    page('custom-providers', 'Custom providers', 'Connect the engine to a server of your own'),
    page('convex-functions', 'Convex functions', 'What the functions in a deployment take, return, cost and store'),
    page('security', 'Security', 'Who is trusted with what, threats, and known limits'),
  ] },
  { title: 'Internals', collapsed: true, pages: [
    page('architecture', 'Architecture', 'How the code is built, and why'),
    page('benchmarks', 'Benchmarks', 'How fast it is beside the least code that could do the same'),
    page('playground', 'The playground', 'The app that `npm run dev` starts, and where in it to look for what'),
    page('testing', 'Testing', 'How or3-sync itself is tested, and what the tests have found'),
    page('dependencies', 'Dependencies', 'Each package that is used, and why'),
    page('releasing', 'Releasing', 'How a version is made and published'),
  ] },
]

/** The groups with the pages that this checkout has. */
export const GROUPS: DocsGroup[] = ALL_GROUPS.map(group => ({ ...group, pages: group.pages.filter(({ path }) => existsSync(`${DOCS}${path}.md`)) }))
export const PAGES: DocsPage[] = GROUPS.flatMap(({ pages }) => pages)
