import { describe, expect, it } from 'vitest'
import type { MemberPage } from '../support/member-page'
import { openSharedWorkspace } from '../support/open-shared-workspace'
import { usePlayground } from '../support/use-playground'

/** The end of each answer. */
const END = 'like the edit of any other member.'

describe('the bot of the playground', () => {
  const at = usePlayground()

  it('answers in the thread that it was invited to: its answer grows in two browsers, and is whole in the end', async () => {
    const { pages: [ann, bob], workspaceId } = await openSharedWorkspace(at.browser, at.server.origin, ['Ann', 'Bob'])
    await ann.page.getByTestId('new-thread').click()
    await say(ann, 'Nobody answers yet')
    await bob.page.getByTestId('thread-item').first().click()
    await bob.page.getByTestId('message-text').filter({ hasText: 'Nobody answers yet' }).waitFor()
    await ann.page.getByTestId('thread-bot').click()
    await expect.poll(() => bob.page.getByTestId('thread-bot').getAttribute('aria-pressed')).toBe('true')

    for (const each of [ann, bob]) await watchTexts(each)
    await say(bob, 'Hello bot, are you there?')
    for (const each of [ann, bob]) {
      await answerIn(each).filter({ hasText: END }).waitFor({ timeout: 60_000 })
      const texts = await textsOf(each)
      expect(texts.length, 'steps that were shown').toBeGreaterThanOrEqual(5)
      for (const [index, text] of texts.entries()) expect(text.startsWith(texts[index - 1] ?? '')).toBe(true)
      expect(texts.at(-1)).toContain('Bob said: “Hello bot, are you there?”')
    }
    // Neither the message before its invitation is answered, nor its own.
    await ann.page.waitForTimeout(1_500)
    const stored = (await ann.member.storedRows(workspaceId, 'messages')).map(({ author }) => author).sort()
    expect(stored).toEqual(['Ann', 'Bob', 'Bot'])
    expect([...ann.errors, ...bob.errors]).toEqual([])
  })

  it('stops when the thread is deleted, leaves nothing behind, and does not answer again after a restart', async () => {
    const { pages: [ann], workspaceId } = await openSharedWorkspace(at.browser, at.server.origin, ['Ann'])
    await ann.run(db => db.table('threads').bulkPut([{ id: 'short', title: 'Short', bot: true, updated_at: 2 }, { id: 'long', title: 'Long', bot: true, updated_at: 1 }]), null)
    await ann.page.locator('[data-testid=thread-item][data-id=short]').click()
    await say(ann, 'Talk to me')
    await answerIn(ann).waitFor()
    await ann.page.getByTestId('thread-delete').click()
    await expect.poll(async () => (await ann.member.storedRows(workspaceId, 'threads')).map(({ id }) => id)).toEqual(['long'])
    await ann.page.waitForTimeout(1_500)
    expect(await ann.member.storedRows(workspaceId, 'messages')).toEqual([])

    await ann.page.locator('[data-testid=thread-item][data-id=long]').click()
    await say(ann, 'Once')
    await answerIn(ann).filter({ hasText: END }).waitFor({ timeout: 60_000 })
    await at.server.restart()
    await say(ann, 'Twice')
    await expect.poll(() => answerIn(ann).filter({ hasText: END }).count(), { timeout: 60_000 }).toBe(2)
    expect(await ann.page.getByTestId('message-text').filter({ hasText: 'said: “Once”' }).count()).toBe(1)
    expect(at.server.stderr()).not.toContain('[bot]')
  })
})

describe('the note of the day', () => {
  const at = usePlayground()

  it('is written by the server where there are notes, once, and follows them', async () => {
    const { pages: [ann], workspaceId } = await openSharedWorkspace(at.browser, at.server.origin, ['Ann'])
    await ann.visit('/notes')
    const write = () => ann.member.post(`/api/workspaces/${encodeURIComponent(workspaceId)}/digest`, {})
    expect(await write()).toEqual({ written: false })

    await ann.run(db => db.table('posts').bulkPut([{ id: 'a', title: 'A', updated_at: Date.now() }, { id: 'b', title: 'B', updated_at: 1 }]), null)
    await expect.poll(async () => (await ann.member.storedRows(workspaceId, 'posts')).length).toBe(2)
    await ann.page.getByTestId('note-digest').click()
    const note = ann.page.locator('[data-testid=note][data-id=morning-digest]')
    await expect.poll(() => note.getByTestId('note-content').inputValue()).toBe('Good morning! There are 2 notes here. 1 has changed since yesterday.')
    expect(await write(), 'nothing has changed').toEqual({ written: false })

    await ann.run(db => db.table('posts').delete('b'), null)
    await expect.poll(async () => (await ann.member.storedRows(workspaceId, 'posts')).length).toBe(2)
    expect(await write()).toEqual({ written: true })
    await expect.poll(() => note.getByTestId('note-content').inputValue()).toContain('There is 1 note here.')
  })
})

async function say({ page }: MemberPage, text: string): Promise<void> {
  await page.getByTestId('message-input').fill(text)
  await page.getByTestId('message-send').click()
  await page.getByTestId('message-text').filter({ hasText: text }).first().waitFor()
}

function answerIn({ page }: MemberPage) {
  return page.locator('[data-testid=message][data-id$="-answer"]').getByTestId('message-text')
}

/** Records each text that an answer has had in the page. */
async function watchTexts({ page }: MemberPage): Promise<void> {
  await page.evaluate(() => {
    const texts: string[] = []
    Object.assign(window, { __texts: texts })
    new MutationObserver(() => {
      const text = document.querySelector('[data-testid=message][data-id$="-answer"] [data-testid=message-text]')?.textContent?.trim()
      if (text && text !== texts.at(-1)) texts.push(text)
    }).observe(document, { childList: true, subtree: true, characterData: true })
  })
}

async function textsOf({ page }: MemberPage): Promise<string[]> {
  return await page.evaluate(() => (window as unknown as { __texts: string[] }).__texts)
}
