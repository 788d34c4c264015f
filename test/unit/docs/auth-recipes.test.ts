import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { RECIPES } from '../../support/start-recipe'

const ROOT = new URL('../../../', import.meta.url).pathname
const docs = readFileSync(`${ROOT}docs/auth.md`, 'utf8')

/** The file of an app, and where the one that is tested stands. */
const SHOWN = [
  ['server/plugins/sync-session.ts', `${ROOT}playground/server/plugins/sync-session.ts`],
  ['server/utils/auth.ts', `${RECIPES}better-auth/server/utils/auth.ts`],
  ['server/api/auth/[...all].ts', `${RECIPES}better-auth/server/api/auth/[...all].ts`],
  ['server/plugins/sync-session.ts', `${RECIPES}better-auth/server/plugins/sync-session.ts`],
  ['server/plugins/sync-session.ts', `${RECIPES}clerk/server/plugins/sync-session.ts`],
] as const

describe('docs/auth.md', () => {
  it.each(SHOWN)('shows %s as it is tested (%s)', (name, path) => {
    expect(docs).toContain(`\`\`\`ts\n// ${name}\n${readFileSync(path, 'utf8')}\`\`\``)
  })
})
