import type { Nuxt } from '@nuxt/schema'
import { expect, it } from 'vitest'
import { setupDevtools } from '../../../src/devtools/setup-devtools'

/** The tabs that the module adds to DevTools, with these options of Nuxt. */
async function tabsOf(options: { dev?: boolean, devtools?: boolean | { enabled?: boolean }, baseURL?: string }) {
  const listeners: ((tabs: object[]) => unknown)[] = []
  const nuxt = {
    options: { dev: options.dev ?? true, devtools: options.devtools ?? { enabled: true }, app: { baseURL: options.baseURL ?? '/' } },
    hook: (name: string, listener: (tabs: object[]) => unknown) => { if (name === 'devtools:customTabs') listeners.push(listener) },
  } as unknown as Nuxt
  await setupDevtools(nuxt)
  const tabs: object[] = []
  for (const listener of listeners) await listener(tabs)
  return tabs
}

it('adds the tab "Sync", which shows the inspector in a frame', async () => {
  expect(await tabsOf({})).toEqual([{ name: 'or3-sync', title: 'Sync', icon: expect.stringMatching(/^data:image/), category: 'modules', view: { type: 'iframe', src: '/__or3-sync' } }])
  expect(await tabsOf({ baseURL: '/app/' })).toMatchObject([{ view: { src: '/app/__or3-sync' } }])
})

it('adds no tab to a build, and none where DevTools are off', async () => {
  expect(await tabsOf({ dev: false })).toEqual([])
  expect(await tabsOf({ devtools: false })).toEqual([])
  expect(await tabsOf({ devtools: { enabled: false } })).toEqual([])
})
