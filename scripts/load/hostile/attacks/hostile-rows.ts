import { inLanes } from '../attack.ts'
import type { Attack } from '../attack.ts'
import { Client, op } from '../client.ts'

const WRONG_TYPE = `[${'1,'.repeat(120_000)}1]`
const TOO_LONG = `[${'"aaaa",'.repeat(35_000)}"aaaa"]`

/** F43: requests of 1 MiB with four rows each. Every row has a hundred thousand mistakes. Four requests at a time. */
export const hostileRows: Attack = {
  async run(port, signal) {
    const client = new Client(port, 'rows.mallory')
    const body = (list: string) => JSON.stringify({ scope: { workspaceId: 'rows' }, ops: Array.from({ length: 4 }, (_, index) => op({ pk: `row-${index}`, tableName: 'lists', payload: { id: `row-${index}`, list: 'LIST' } })) }).replaceAll('"LIST"', list)
    const bodies = [body(WRONG_TYPE), body(TOO_LONG)]
    await inLanes(4, signal, lane => client.post('/push', bodies[lane % 2]!))
  },
}
