import { type Dexie, liveQuery } from 'dexie'
import type { Row } from '../rows'
import type { FirstPageSubject } from '../subject'

export const PAGE_SIZE = 50

/** The workspace and the number of its rows, from the page's address. */
export function wanted(): { workspace: string, count: number } {
  const query = new URLSearchParams(location.search)
  return { workspace: query.get('workspace') ?? '', count: Number(query.get('count')) }
}

/** Shows the newest rows in a list, as an app would, and notes when all of them are painted: those with the highest positions below `count`, in order. */
export function showNewest(db: Dexie, count: number): FirstPageSubject {
  const painted = new Promise<number>((resolve, reject) => {
    const list = document.body.appendChild(document.createElement('ul'))
    const expected = Array.from({ length: Math.min(PAGE_SIZE, count) }, (_, index) => String(count - 1 - index)).join()
    liveQuery(() => db.table<Row>('items').orderBy('position').reverse().limit(PAGE_SIZE).toArray()).subscribe({
      next: (rows) => {
        list.replaceChildren(...rows.map(toItem))
        if (rows.map(row => row.position).join() !== expected) return
        // The frame after the next one begins when the next one was painted.
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())))
      },
      error: reject,
    })
  })
  return { painted: () => painted }
}

function toItem({ title, body }: Row): HTMLElement {
  const item = document.createElement('li')
  item.textContent = `${title}: ${body}`
  return item
}
