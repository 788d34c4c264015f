import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { BOUNDARY_LABELS } from '#or3-sync/components/labels/boundary-labels'
import { CONFLICTS_LABELS } from '#or3-sync/components/labels/conflicts-labels'
import { PROGRESS_LABELS } from '#or3-sync/components/labels/progress-labels'
import { QUEUE_LABELS } from '#or3-sync/components/labels/queue-labels'
import { STATUS_LABELS } from '#or3-sync/components/labels/status-labels'
import { RETRY_POLICY } from '#or3-sync/shared/sync/protocol/retry-policy'

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../../${path}`, import.meta.url)), 'utf8')
const PAGE = read('docs/components.md')
const COMPONENTS = [.../COMPONENTS = \[(.*)\]/.exec(read('src/setup/components.ts'))![1]!.matchAll(/'(\w+)'/g)].map(([, name]) => name!)

const between = (text: string, from: string, to: string) => text.split(from)[1]?.split(to)[0] ?? ''
const namesIn = (block: string, ends: string) => [...block.matchAll(new RegExp(`^  (\\w+)${ends}`, 'gm'))].map(([, name]) => name)
/** The first cells of the table whose head begins with this word. */
const rowsOf = (section: string, head: string) => [...between(section, `\n| ${head} |`, '\n\n').matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name)

describe.each(COMPONENTS)('docs/components.md on %s', (name) => {
  const source = read(`src/runtime/components/${name}.vue`)
  const section = between(PAGE, `\n## ${name}\n`, '\n## ')

  it('lists the props', () => {
    const props = namesIn(between(source, 'defineProps<{', '\n}>'), '\\?:')
    expect(props.length).toBeGreaterThan(0)
    expect(rowsOf(section, 'prop').sort()).toEqual(props.sort())
  })

  it('lists the slots and the events', () => {
    expect(rowsOf(section, 'slot').sort()).toEqual(namesIn(between(source, 'defineSlots<{', '\n}>'), '\\?:').sort())
    expect(rowsOf(section, 'event').sort()).toEqual(namesIn(between(source, 'defineEmits<{', '\n}>'), ':').sort())
  })

  it('has an example, and is in the list at the top', () => {
    expect(section).toMatch(new RegExp(`\`\`\`vue[^]*<${name}`))
    expect(PAGE.split('\n## ')[0]).toContain(`[\`<${name}>\`](#${name.toLowerCase()})`)
  })
})

describe('docs/components.md', () => {
  const STATES = ['disabled', 'offline', 'connecting', 'bootstrapping', 'syncing', 'idle', 'error']
  const REASONS = ['switched-off', 'no-session', 'expired', 'no-workspace', 'barred', 'other-user', 'newer-database', 'outdated', 'no-provider', 'no-storage']

  it.each<[string, object, string[]]>([
    ['SyncStatusLabels', STATUS_LABELS, [...STATES, ...REASONS]],
    ['SyncProgressLabels', PROGRESS_LABELS, []],
    ['SyncBoundaryLabels', BOUNDARY_LABELS, []],
    ['SyncQueueLabels', QUEUE_LABELS, Object.keys(RETRY_POLICY)],
    ['SyncConflictsLabels', CONFLICTS_LABELS, []],
  ])('names the texts of %s, with their arguments', (type, labels, others) => {
    const row = between(PAGE, `| \`${type}\` |`, '\n')
    // `name` is a text, `name(count)` a function.
    const named = [...row.matchAll(/`(\w+)(?:(\()[^)]+\))?`/g)].map(([, name, call]) => call ? `${name}()` : name!)
    const texts = Object.entries(labels).filter(([name]) => !others.includes(name)).map(([name, text]) => typeof text === 'function' ? `${name}()` : name)
    expect(named.filter(name => name !== 'state' && name !== 'reason').sort()).toEqual(texts.sort())
  })

  it('names the CSS variables', () => {
    const variables = (text: string) => [...new Set([...text.matchAll(/--or3-sync-\w+/g)].map(([name]) => name))].sort()
    expect(variables(between(PAGE, '\n## Looks\n', '\n## '))).toEqual(variables(read('src/runtime/components/style.css')))
  })
})
