import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { loadRecipe, startChangedRecipe, startReceiver } from '../../support/start-changed-recipe'
import { RECIPES } from '../../support/start-recipe'

const docs = readFileSync(new URL('../../../docs/server-hooks.md', import.meta.url), 'utf8')
const FILES = ['utils/webhooks.ts', 'plugins/webhook.ts', 'tasks/webhooks.ts', 'utils/search-index.ts', 'plugins/search-index.ts', 'plugins/answer-messages.ts']

const post = (pk: string, clock = 1, title = 'a post') => ({ table: 'posts', pk, clock, payload: { id: pk, title } })
const message = (pk: string, text: string, { clock = 1, author = 'ada' } = {}) => ({ table: 'messages', pk, clock, payload: { id: pk, thread_id: 't', text, author } })

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
  vi.unstubAllEnvs()
})

async function start(...args: Parameters<typeof startChangedRecipe>) {
  const app = await startChangedRecipe(...args)
  stops.push(app.stop)
  return app
}

it.each(FILES)('docs/server-hooks.md shows server/%s as it is tested', (file) => {
  expect(docs).toContain(`\`\`\`ts\n// server/${file}\n${readFileSync(`${RECIPES}changed/server/${file}`, 'utf8')}\`\`\``)
})

describe('the recipe of a webhook', () => {
  async function startWebhook() {
    const receiver = await startReceiver()
    stops.push(receiver.stop)
    vi.stubEnv('WEBHOOK_URL', receiver.url)
    return { receiver, app: await start('server/plugins/webhook.ts') }
  }

  it('sends new, changed and deleted posts in their order, and nothing of other tables', async () => {
    const { receiver, app } = await startWebhook()
    await app.push(post('a'), message('m', 'hello'))
    await app.push(post('a', 2, 'changed'))
    await app.push({ table: 'posts', pk: 'a', op: 'delete', clock: 3 })
    await vi.waitFor(() => expect(receiver.received).toHaveLength(3))
    expect(receiver.received).toMatchObject([
      { workspaceId: 'w1', serverVersion: 1, operation: 'put', post: { id: 'a', title: 'a post' } },
      { workspaceId: 'w1', serverVersion: 3, operation: 'put', post: { title: 'changed' } },
      { workspaceId: 'w1', serverVersion: 4, operation: 'delete', post: null },
    ])
    await vi.waitFor(async () => expect(await app.storage.getKeys()).toEqual([]))
  })

  it('keeps what the receiver did not take, and sends it with the next run of the task', async () => {
    const { receiver, app } = await startWebhook()
    receiver.isUp = false
    await app.push(post('a'))
    await app.push(post('b'))
    await vi.waitFor(async () => expect(await app.storage.getKeys()).toHaveLength(2))
    await vi.waitFor(() => expect(receiver.tries).toBeGreaterThan(0))
    receiver.isUp = true
    const task = await loadRecipe<{ run: () => Promise<unknown> }>('server/tasks/webhooks.ts')
    await task.run()
    await vi.waitFor(() => expect(receiver.received).toMatchObject([{ post: { id: 'a' } }, { post: { id: 'b' } }]))
    expect(await app.storage.getKeys()).toEqual([])
  })
})

describe('the recipe of a search index', () => {
  interface SearchIndex { searchMessages: (workspaceId: string, words: string) => string[], rebuildIndex: (workspaceId: string) => Promise<void>, removeMessage: (workspaceId: string, id: string) => void }

  it('finds what messages say now, in this workspace, and nothing of deleted ones', async () => {
    const app = await start('server/plugins/search-index.ts')
    const { searchMessages } = await loadRecipe<SearchIndex>('server/utils/search-index.ts')
    await app.push(message('a', 'the red house'), message('b', 'a blue house'), message('c', 'a red "car"'))
    await app.push(message('b', 'a green house', { clock: 2 }), { table: 'messages', pk: 'c', op: 'delete', clock: 2 })
    await app.gateway.write('w2', [{ table: 'messages', put: { id: 'd', thread_id: 't', text: 'a red house' } }])
    await vi.waitFor(() => expect(app.told).toHaveLength(3))
    expect(searchMessages('w1', 'house').sort()).toEqual(['a', 'b'])
    expect(searchMessages('w1', 'red')).toEqual(['a'])
    expect(searchMessages('w1', 'blue')).toEqual([])
    expect(searchMessages('w2', 'red house')).toEqual(['d'])
    expect(searchMessages('w1', 'no" OR "house')).toEqual([])
  })

  it('finds again what it was not told, once it is built anew', async () => {
    const app = await start('server/plugins/search-index.ts')
    const { searchMessages, rebuildIndex, removeMessage } = await loadRecipe<SearchIndex>('server/utils/search-index.ts')
    await app.push(message('a', 'one house'), message('b', 'two houses'))
    await vi.waitFor(() => expect(app.told).toHaveLength(1))
    removeMessage('w1', 'a')
    expect(searchMessages('w1', 'one')).toEqual([])
    await rebuildIndex('w1')
    expect(searchMessages('w1', 'one')).toEqual(['a'])
    expect(searchMessages('w1', 'houses')).toEqual(['b'])
  })
})

describe('the recipe of an answer by a model', () => {
  const asked: string[] = []
  const askModel = async (prompt: string) => {
    asked.push(prompt)
    return `you said: ${prompt}`
  }
  const answers = async (app: Awaited<ReturnType<typeof start>>) => (await app.gateway.list('w1', 'messages')).rows.filter(({ author }) => author === 'bot').map(({ id, text }) => `${id}: ${text}`)

  it('answers each new message once: no edit, no delete, and none of its own answers', async () => {
    asked.length = 0
    const app = await start('server/plugins/answer-messages.ts', { askModel })
    await app.push(message('a', 'hello'))
    await vi.waitFor(async () => expect(await answers(app)).toEqual(['a-answer: you said: hello']))
    await app.push(message('a', 'hello again', { clock: 2 }))
    await app.push({ table: 'messages', pk: 'a', op: 'delete', clock: 3 })
    await vi.waitFor(() => expect(app.told).toHaveLength(4))
    expect(app.told.map(({ userId }) => userId)).toEqual(['ada', 'bot', 'ada', 'ada'])
    expect(asked).toEqual(['hello'])
  })

  it('does not answer an answer that a device brings back after a restore, and keeps one that is there', async () => {
    asked.length = 0
    const app = await start('server/plugins/answer-messages.ts', { askModel })
    await app.push(message('a-answer', 'the old answer', { author: 'bot' }))
    await app.push(message('a', 'hello'))
    await vi.waitFor(() => expect(asked).toEqual(['hello']))
    await app.gateway.drain()
    expect(await answers(app)).toEqual(['a-answer: the old answer'])
  })
})
