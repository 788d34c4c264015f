import type { Page } from 'playwright-core'
import type { Or3Window } from './member-page'

/**
 * Stops a tab as a frozen one is stopped: no script, timer or message runs, and its locks and requests stay. Resolves to
 * what lets it go on.
 *
 * By the debugger: headless pages always count as visible, and Chromium's `Page.setWebLifecycleState` freezes no visible page.
 * When its database has been at rest for half a second: Chromium freezes no page that holds up a database, since all other
 * tabs would have to wait for it.
 */
export async function freezeTab(page: Page): Promise<() => Promise<void>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Debugger.enable')
  const paused = new Promise<void>(resolve => session.once('Debugger.paused', () => resolve()))
  // Answers once the tab goes on, or never when it is closed before that.
  session.send('Runtime.evaluate', { expression: `(${stopAtRest.toString()})()` }).catch(() => {})
  await paused
  return async () => {
    await session.send('Debugger.resume')
    await session.detach()
  }
}

/** Runs in the page. */
async function stopAtRest(): Promise<void> {
  const open = new Set<IDBTransaction>()
  let lastUse = performance.now()
  const original = Object.getOwnPropertyDescriptor(IDBDatabase.prototype, 'transaction')!.value as IDBDatabase['transaction']
  IDBDatabase.prototype.transaction = function (...args) {
    const transaction = Reflect.apply(original, this, args) as IDBTransaction
    open.add(transaction)
    for (const end of ['complete', 'abort']) {
      transaction.addEventListener(end, () => {
        open.delete(transaction)
        lastUse = performance.now()
      })
    }
    return transaction
  }
  // Whatever began before this has ended when a transaction over everything has had its turn. `!`: one of its own, whatever the page is in the
  // midst of when this runs.
  const db = (window as unknown as Or3Window).__or3.getDb()
  await db.transaction('rw!', db.tables, () => db.table('sync_state').count())
  while (open.size > 0 || performance.now() - lastUse < 500) await new Promise(resolve => setTimeout(resolve, 20))
  IDBDatabase.prototype.transaction = original
  // eslint-disable-next-line no-debugger -- this is the freeze
  debugger
}
