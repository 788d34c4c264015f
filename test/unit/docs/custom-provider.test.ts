import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { PullRequest, PushBatch } from 'or3-sync/client'
import { contractSchema, describeSyncProvider } from 'or3-sync/testing'
import { MyCustomProvider } from '../../fixtures/recipes/custom-provider/app/utils/my-custom-provider'
import { MyStore } from '../../fixtures/recipes/custom-provider/server/utils/my-store'
import { RECIPES } from '../../support/start-recipe'

const docs = readFileSync(new URL('../../../docs/custom-providers.md', import.meta.url), 'utf8')
afterEach(() => vi.unstubAllGlobals())

describeSyncProvider('the provider of docs/custom-providers.md', () => {
  const store = new MyStore(contractSchema)
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const body = JSON.parse(String(init.body)) as PushBatch & PullRequest
    return Response.json(url.endsWith('/push') ? store.push(body.ops) : store.pull(body))
  })
  return { workspaceId: 'w1', connect: () => new MyCustomProvider() }
})

describe('docs/custom-providers.md', () => {
  it.each(['server/utils/my-store.ts', 'app/utils/my-custom-provider.ts'])('shows %s as it is tested', (name) => {
    expect(docs).toContain(`\`\`\`ts\n// ${name}\n${readFileSync(`${RECIPES}custom-provider/${name}`, 'utf8')}\`\`\``)
  })
})
