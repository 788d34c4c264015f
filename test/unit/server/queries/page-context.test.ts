import { createEvent } from 'h3'
import type { H3Event } from 'h3'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { beforeEach, expect, it, vi } from 'vitest'
import type { SyncGateway } from '../../../../server/lib/create-sync-gateway'
import { pageContext } from '../../../../server/nitro/page-context'
import { setSyncGateway } from '../../../../server/nitro/started-gateway'

const reader = { userId: 'ada', workspaceId: 'w1', read: () => Promise.reject(new Error('not called')) }
const pageReader = vi.fn(async () => reader)
setSyncGateway({ start: async () => ({ pageReader }) as unknown as SyncGateway, isOn: true })
beforeEach(() => { pageReader.mockClear() })

function newEvent(): H3Event {
  const request = new IncomingMessage(new Socket())
  return createEvent(request, new ServerResponse(request))
}

it('a page gets the reader of its own request, and nothing is asked before', async () => {
  const event = newEvent()
  const context = pageContext(event, true)
  expect(pageReader).not.toHaveBeenCalled()
  expect(await context.reader()).toBe(reader)
  expect(pageReader.mock.calls).toEqual([[event]])
})

it('with sync off there is none', async () => {
  expect(await pageContext(newEvent(), false).reader()).toBeNull()
  expect(pageReader).not.toHaveBeenCalled()
})

it.each([
  // Nitro sets it when it renders for its cache. The page then shares the context of the visitor who came first.
  ['Nitro keeps (swr, cache)', { cache: { options: {} } }],
  ['the host keeps (isr)', { nitro: { routeRules: { isr: 60 } } }],
])('there is none for a page that %s', async (_, added) => {
  const event = newEvent()
  const context = pageContext(event, true)
  Object.assign(event.context, added)
  expect(await context.reader()).toBeNull()
  expect(pageReader).not.toHaveBeenCalled()
})
