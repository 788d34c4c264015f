import type { Browser, Page } from 'playwright-core'
import { openApp, openUser, writeRow } from './devtools-tab'

/** Waits until a page of the fixture has sent all its edits. */
export async function untilSent(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('#status')!.textContent!.includes('"pendingCount": 0'))
}

/** A change as a newer version of the app might have sent it. The gateway of this version would refuse it. */
export async function putQuarantined(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const answer = await window.__or3Sync!.open()
    if (answer.kind !== 'source') return
    const { engine } = await answer.source.overview()
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(engine!.database)
      request.onsuccess = () => resolve(request.result)
      request.onerror = () => reject(request.error)
    })
    const change = { op: 'put', payload: { id: 'q', list_id: 'l', title: 12 }, stamp: { deviceId: 'device-of-bob', opId: '3f0c2f5e-6a4b-4b7e-9a55-0c1d2e3f4a5b', hlc: '0mhx00000:0000:deviceofbob', clock: 1 }, serverVersion: 99 }
    await new Promise((resolve) => {
      const transaction = db.transaction('sync_quarantine', 'readwrite')
      transaction.objectStore('sync_quarantine').put({ tableName: 'todos', pk: 'q', reason: 'schema', error: 'payload.title: Invalid input: expected string, received number', change, receivedAt: Date.now() })
      transaction.oncomplete = resolve
    })
    db.close()
    // Another connection has written: nobody in this page is told.
    await answer.source.refreshSession()
    await answer.source.flush()
  })
}

/** Something to see in each view. */
export async function fillAllViews(page: Page, { browser, origin }: { browser: Browser, origin: string }): Promise<void> {
  await writeRow(page, 'todos', { id: 'refused', list_id: 'l', title: 7 })
  await putQuarantined(page)
  await page.evaluate(async () => {
    const answer = await window.__or3Sync!.open()
    if (answer.kind !== 'source') return
    await answer.source.setNetwork('offline')
    await answer.source.write('todos', { id: 'groceries', list_id: 'home', title: 'Buy milk, bread and 3 apples' })
  })
  const other = await openUser(browser, 'ann')
  const second = await openApp(other, origin)
  await writeRow(second, 'todos', { id: 'groceries', list_id: 'home', title: 'Buy milk and bread' })
  await untilSent(second)
  await other.close()
  await page.evaluate(async () => {
    const answer = await window.__or3Sync!.open()
    if (answer.kind === 'source') await answer.source.setNetwork('online')
  })
  await page.getByTestId('nav-conflicts').click()
  await page.getByTestId('conflict').waitFor()
}
