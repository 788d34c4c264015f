import { describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { openSharedWorkspace } from '../support/open-shared-workspace'
import { usePlayground } from '../support/use-playground'

describe('the chat of the playground, by mouse and keyboard', () => {
  const at = usePlayground()

  it('shows in one window what another member types in theirs', async () => {
    const { pages: [alice, bob] } = await openSharedWorkspace(at.browser, at.server.origin, ['Alice', 'Bob'])
    await alice.page.getByTestId('new-thread').click()
    await send(alice.page, 'Hello Bob')

    await bob.page.getByTestId('thread-item').first().click()
    await message(bob.page, 'Hello Bob').waitFor()
    await send(bob.page, 'Hello Alice')
    await message(alice.page, 'Hello Alice').waitFor()

    // Nothing was refused: all of it reached the store.
    await expect.poll(() => alice.pendingCount()).toBe(0)
    await expect.poll(() => bob.pendingCount()).toBe(0)
    expect([...alice.errors, ...bob.errors]).toEqual([])
  })

  it('lets somebody sign in with a name, write, reload and find it again', async () => {
    const page = await (await at.browser.newContext()).newPage()
    await page.goto(at.server.origin)
    // Typed text reaches the form only once the app runs.
    await page.waitForFunction(() => '__or3' in window)
    await page.getByTestId('sign-in-name').fill('Carol')
    await page.getByTestId('sign-in-submit').click()
    await page.getByTestId('new-thread').click()
    await send(page, 'Note to self')

    await page.reload()
    await page.getByTestId('thread-item').first().click()
    await message(page, 'Note to self').waitFor()
    await page.context().close()
  })
})

async function send(page: Page, text: string): Promise<void> {
  await page.getByTestId('message-input').fill(text)
  await page.getByTestId('message-send').click()
  await message(page, text).waitFor()
}

function message(page: Page, text: string) {
  return page.getByTestId('message-text').filter({ hasText: text })
}
