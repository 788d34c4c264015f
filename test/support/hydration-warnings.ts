import type { Page } from 'playwright-core'

/** Collects what Vue logs when the server's HTML does not match what the browser renders. */
export function collectHydrationWarnings(page: Page): string[] {
  const warnings: string[] = []
  page.on('console', (message) => {
    if (/hydrat/i.test(message.text())) warnings.push(`${page.url()}: ${message.text()}`)
  })
  return warnings
}
