import { describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { Member } from '../support/member'
import { MemberPage } from '../support/member-page'
import { usePlayground } from '../support/use-playground'

describe('two devices in one page', () => {
  const at = usePlayground()

  const device = (page: Page, name: string) => page.locator(`[data-testid=device][data-device=${name}]`)
  const textsOn = (page: Page, name: string) => device(page, name).getByTestId('todo-text').evaluateAll(all => all.map(each => (each as HTMLInputElement).value))

  async function add(page: Page, name: string, text: string): Promise<void> {
    await device(page, name).getByTestId('todo-new').fill(text)
    await page.keyboard.press('Enter')
  }

  it('share a list, keep their own edits while a network is off, and agree afterwards', async () => {
    const { page, errors, member } = await MemberPage.open(at.browser, await Member.signIn(at.server.origin, 'Ann'))
    await page.goto(`${at.server.origin}/two-devices`)
    await add(page, 'Laptop', 'Buy bread')
    await expect.poll(() => textsOn(page, 'Phone')).toEqual(['Buy bread'])

    for (const name of ['Laptop', 'Phone']) await device(page, name).getByTestId('device-network').click()
    await expect.poll(() => device(page, 'Phone').getByTestId('device-state').textContent()).toContain('Offline')
    await add(page, 'Phone', 'Written offline')
    await expect.poll(() => device(page, 'Phone').getByTestId('device-pending').textContent()).toBe('1')
    expect(await textsOn(page, 'Laptop')).toEqual(['Buy bread'])
    for (const [name, text] of [['Laptop', 'Buy rye bread'], ['Phone', 'Buy white bread']] as const) {
      await device(page, name).getByTestId('todo-text').first().fill(text)
      await page.keyboard.press('Tab')
    }
    expect([(await textsOn(page, 'Laptop'))[0], (await textsOn(page, 'Phone'))[0]]).toEqual(['Buy rye bread', 'Buy white bread'])

    for (const name of ['Laptop', 'Phone']) await device(page, name).getByTestId('device-network').click()
    await expect.poll(() => page.getByTestId('device-pending').allTextContents(), { timeout: 30_000 }).toEqual(['0', '0'])
    await expect.poll(() => textsOn(page, 'Laptop'), { timeout: 30_000 }).toHaveLength(2)
    const agreed = await textsOn(page, 'Laptop')
    await expect.poll(() => textsOn(page, 'Phone')).toEqual(agreed)
    // One device has kept both versions, and says in which field they differ.
    const conflict = page.getByTestId('conflict')
    await conflict.waitFor()
    expect(await conflict.count()).toBe(1)
    expect(await conflict.getByTestId('field-change').evaluateAll(all => all.map(each => (each as HTMLElement).dataset.field))).toEqual(['text'])
    const other = agreed[0] === 'Buy rye bread' ? 'Buy white bread' : 'Buy rye bread'
    await conflict.locator('[data-stands=false]').click()
    for (const name of ['Laptop', 'Phone']) await expect.poll(() => textsOn(page, name)).toEqual([other, 'Written offline'])
    await conflict.waitFor({ state: 'detached' })

    await device(page, 'Laptop').getByTestId('todo-delete').first().click()
    await expect.poll(() => textsOn(page, 'Phone')).toEqual(['Written offline'])
    await expect.poll(async () => (await member.storedRows('ann', 'todos')).map(({ text }) => text)).toEqual(['Written offline'])
    expect(errors).toEqual([])

    // Everything was sent, so nothing of the devices stays behind.
    await page.getByTestId('nav-chat').click()
    await expect.poll(() => page.evaluate(async () => (await indexedDB.databases()).filter(({ name }) => name!.startsWith('playground-device-')).length)).toBe(0)
  })

  it('need an account', async () => {
    const page = await at.browser.newPage()
    await page.goto(at.server.origin)
    await page.waitForFunction(() => '__or3' in window)
    await page.getByTestId('continue-as-guest').click()
    await page.getByTestId('nav-two-devices').click()
    await page.getByTestId('devices-need-account').waitFor()
  })
})
