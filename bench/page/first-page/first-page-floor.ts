import { Dexie } from 'dexie'
import type { Row } from '../rows'
import { PAGE_SIZE, showNewest, wanted } from './show-newest'

/** The least that shows the newest rows of a workspace from a database of the browser: fetch these alone, and store them. */
const { workspace, count } = wanted()
const db = new Dexie(`floor-${workspace}`)
db.version(1).stores({ items: 'id, list_id, position' })
Object.assign(window, { subject: showNewest(db, count) })

const response = await fetch(`/floor/rows?workspace=${workspace}&newest=${PAGE_SIZE}`)
const { rows } = await response.json() as { rows: Row[] }
await db.table<Row>('items').bulkPut(rows)
