import type { Attack } from '../attack.ts'
import { Client, op } from '../client.ts'

const STREAMS = 1_000
const OPS = 1_000
const TEXT = 'a row of a few hundred bytes, as an app would have it. '.repeat(10)

/** F37: an editor pushes a thousand rows a second to a user's thousand streams. `filtered`: each stream names other tables. */
export function fanOut(filtered: boolean): Attack {
  return {
    async run(port, signal) {
      const reader = new Client(port, 'wide.mallory')
      const editor = new Client(port, 'wide.editor')
      for (let index = 0; index < STREAMS && !signal.aborted; index++) {
        const tables = filtered ? `&tables=posts,${Array.from({ length: 3 }, (_, name) => `none-${index}-${name}`).join()}` : ''
        reader.open(reader.head('GET', `/api/sync/subscribe?workspaceId=wide&cursor=0${tables}`)).resume()
        if (index % 5 === 0) await new Promise(resolve => setTimeout(resolve, 10))
      }
      for (let batch = 0; !signal.aborted; batch++) {
        await editor.push(Array.from({ length: OPS }, (_, index) => op({ pk: `row-${index}`, clock: batch + 1, base: undefined, payload: { id: `row-${index}`, text: TEXT, sentAt: 0 } })))
        await new Promise(resolve => setTimeout(resolve, 1_000))
      }
    },
  }
}
