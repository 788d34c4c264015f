import type { Hookable } from 'hookable'
import type { ChangedInfo } from 'or3-sync/server'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { echoOf } from '../../../playground/server/utils/echo'
import { loadPlaygroundServer } from '../../support/load-playground-server'

const STEP_MS = 50
let server: ReturnType<typeof loadPlaygroundServer>

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  server = loadPlaygroundServer()
  // Not by a path that TypeScript follows: the types of the hook are those of a server.
  const { default: start } = await import(/* @vite-ignore */ new URL('../../../playground/server/plugins/bot.ts', import.meta.url).href) as { default: (nitro: { hooks: Hookable }) => void }
  start({ hooks: server.hooks })
  await server.sync.write('w', [{ table: 'threads', put: { id: 't', title: 'Thread', bot: true } }])
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const say = async (id: string, text: string, thread_id = 't') => {
  await server.sync.write('w', [{ table: 'messages', put: { id, thread_id, text, author: 'Ann', created_at: 1 } }])
}
/** By default longer than the bot needs for an answer. */
const wait = async (ms = 10_000) => {
  for (let passed = 0; passed < ms; passed += STEP_MS) {
    await vi.advanceTimersByTimeAsync(STEP_MS)
    // What the gateway does between two of them needs no timers, but some turns of the event loop.
    for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
  }
}
const messages = async () => (await server.sync.list('w', 'messages')).rows

describe('the bot', () => {
  it('answers a new message with a text that grows by one word at a time', async () => {
    const texts: string[] = []
    server.hooks.hook('or3-sync:changed', ({ changes }: ChangedInfo) => {
      for (const { pk, row } of changes) if (pk === 'm-answer') texts.push(row?.text as string)
    })
    await say('m', 'Hello  you')
    await wait()
    const words = echoOf('Hello  you', 'Ann').split(' ')
    expect(texts).toEqual(words.map((_, index) => words.slice(0, index + 1).join(' ')))
    expect(texts.at(-1)).toMatch(/^Ann said: “Hello you” .*member\.$/)
    expect(await messages()).toMatchObject([{ id: 'm' }, { id: 'm-answer', author: 'Bot', thread_id: 't', text: texts.at(-1) }])
    expect(server.errors).toEqual([])
  })

  it('says nothing where it was not invited, to an edit, and to itself', async () => {
    await server.sync.write('w', [{ table: 'threads', put: { id: 'quiet', title: 'Quiet' } }])
    await say('elsewhere', 'Hello', 'quiet')
    await say('nowhere', 'Hello', 'gone')
    await say('m', 'Hello')
    await wait()
    await server.sync.write('w', [{ table: 'threads', update: { id: 'quiet', bot: true } }])
    await server.sync.write('w', [{ table: 'messages', update: { id: 'elsewhere', text: 'Edited' } }])
    await wait()
    expect((await messages()).map(({ id }) => id)).toEqual(['elsewhere', 'm', 'm-answer', 'nowhere'])
  })

  it('answers a message once, whoever sends it again', async () => {
    await say('m', 'Hello')
    await wait()
    await server.sync.write('w', [{ table: 'messages', delete: 'm' }])
    await say('m', 'Hello again')
    await wait()
    expect((await messages()).map(({ text }) => text)).toEqual(['Hello again', expect.stringContaining('“Hello”')])
    expect(server.errors).toEqual([])
  })

  it.each([['while it thinks', 300], ['while it speaks', 1_000]])('leaves nothing behind when the thread is deleted %s', async (_, ms) => {
    await say('m', 'Hello')
    await wait(ms)
    // By a device that does not have the answer yet.
    await server.sync.write('w', [{ table: 'threads', delete: 't' }, { table: 'messages', delete: 'm' }])
    await wait()
    expect(await messages()).toEqual([])
    expect(server.errors).toEqual([])
  })

  it('stops when it is sent away, and when its message is deleted', async () => {
    await say('a', 'Hello')
    await wait(1_000)
    await server.sync.write('w', [{ table: 'messages', delete: 'a-answer' }])
    await wait()
    await say('b', 'Hello')
    await wait(1_000)
    await server.sync.write('w', [{ table: 'threads', update: { id: 't', bot: false } }])
    await wait()
    const [, , answer] = await messages()
    expect(await messages()).toMatchObject([{ id: 'a' }, { id: 'b' }, { id: 'b-answer' }])
    expect(echoOf('Hello', 'Ann').startsWith(answer!.text)).toBe(true)
    expect(answer!.text.length).toBeLessThan(echoOf('Hello', 'Ann').length)
    expect(server.errors).toEqual([])
  })

  it('logs what goes wrong', async () => {
    vi.spyOn(server.sync, 'get').mockRejectedValueOnce(new Error('the disk is full'))
    await say('m', 'Hello')
    await wait()
    expect(server.errors).toEqual(['[bot] no answer to message m'])
  })

  it('repeats a long text only in part', () => {
    expect(echoOf('😀'.repeat(1_000))).toContain(`“${'😀'.repeat(300)}…”`)
  })
})
