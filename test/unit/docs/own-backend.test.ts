import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { describeSyncBackend } from 'or3-sync/testing'
import { DocumentBackend } from '../../support/document-backend'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

describeSyncBackend('the backend of docs/backends.md', () => new DocumentBackend())

describe('docs/backends.md', () => {
  it('shows the backend as it is tested', () => {
    expect(read('docs/backends.md')).toContain(`\`\`\`ts\n// document-backend.ts\n${read('test/support/document-backend.ts')}\`\`\`\n`)
  })
})
