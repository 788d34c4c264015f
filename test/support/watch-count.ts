import type { Page } from 'playwright-core'

/**
 * Records how many elements with this test id the page has, from the end of the HTML on, each time that the number changes. Call it before the page
 * is opened.
 */
export async function watchCount(page: Page, testId: string): Promise<() => Promise<number[]>> {
  await page.addInitScript((id) => {
    const counts: number[] = []
    const all = window as unknown as { __counts?: Record<string, number[]> }
    all.__counts = { ...all.__counts, [id]: counts }
    const look = () => {
      const count = document.querySelectorAll(`[data-testid=${id}]`).length
      if (count !== counts.at(-1)) counts.push(count)
    }
    document.addEventListener('DOMContentLoaded', () => {
      look()
      // It is called after all changes of a task, and before the next paint.
      new MutationObserver(look).observe(document, { childList: true, subtree: true })
    })
  }, testId)
  return async () => await page.evaluate(id => (window as unknown as { __counts: Record<string, number[]> }).__counts[id]!, testId)
}
