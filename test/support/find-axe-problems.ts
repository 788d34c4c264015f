import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Frame, Page } from 'playwright-core'

interface AxeResult { id: string, impact: string | null, help: string, nodes: { html: string, failureSummary?: string }[] }

let source: Promise<string> | undefined

/** What axe finds in a page or a frame, of every level: one line for each kind of problem. Empty: nothing. */
export async function findAxeProblems(page: Page | Frame): Promise<string[]> {
  source ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  // Evaluated, because a page's security policy may forbid a script element.
  await page.evaluate(await source)
  const results = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run: (context: Document, options: object) => Promise<{ violations: AxeResult[] }> } }
    return (await axe.run(document, { iframes: false })).violations
  })
  return results.map(({ id, impact, help, nodes }) => `${id} (${impact}): ${help}\n${nodes.map(({ html, failureSummary }) => `  ${html}\n  ${failureSummary}`).join('\n')}`)
}
