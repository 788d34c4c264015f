import type { IncomingMessage, ServerResponse } from 'node:http'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Row } from '../../page/rows'
import { textOf } from '../text-of'
import type { BenchStore } from './bench-store'

type Written = Pick<Row, 'id'>
/** `next`: the number of the last of these rows. */
type WrittenListener = (workspace: string, rows: readonly Written[], next: number) => void

/** The simplest store: rows as JSON text, each with a number that grows with every write. Each request is one transaction. */
export class FloorStore implements BenchStore {
  readonly #db: DatabaseSync
  readonly #insert: StatementSync
  readonly #since: StatementSync
  readonly #newest: StatementSync
  readonly #one: StatementSync
  readonly #count: StatementSync
  /** The last number of each workspace. */
  readonly #numbers = new Map<string, number>()

  readonly #onWritten: WrittenListener

  constructor(path: string, onWritten: WrittenListener = () => {}) {
    this.#onWritten = onWritten
    this.#db = new DatabaseSync(path)
    this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      CREATE TABLE rows (workspace TEXT, number INTEGER, id TEXT, json TEXT, PRIMARY KEY (workspace, id)) WITHOUT ROWID;
      CREATE INDEX by_number ON rows (workspace, number)`)
    this.#insert = this.#db.prepare('INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)')
    this.#since = this.#db.prepare('SELECT number, json FROM rows WHERE workspace = ? AND number > ? ORDER BY number LIMIT ?')
    this.#newest = this.#db.prepare('SELECT number, json FROM rows WHERE workspace = ? ORDER BY number DESC LIMIT ?')
    this.#one = this.#db.prepare('SELECT json FROM rows WHERE workspace = ? AND id = ?')
    this.#count = this.#db.prepare('SELECT count(*) AS count FROM rows WHERE workspace = ?')
  }

  /** `POST`: writes rows. `GET ?after&limit`: a page of what was written after that number. `GET ?newest`: the last rows that were written. */
  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const workspace = url.searchParams.get('workspace') ?? ''
    if (request.method === 'POST') this.write(workspace, JSON.parse(await textOf(request)) as Written[])
    const answer = request.method === 'GET' ? this.#read(workspace, url.searchParams) : '{"ok":true}'
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
  }

  write(workspace: string, rows: readonly Written[]): void {
    let number = this.#numbers.get(workspace) ?? 0
    this.#db.exec('BEGIN IMMEDIATE')
    for (const row of rows) this.#insert.run(workspace, ++number, row.id, JSON.stringify(row))
    this.#db.exec('COMMIT')
    this.#numbers.set(workspace, number)
    this.#onWritten(workspace, rows, number)
  }

  async fill(workspace: string, rows: Row[]): Promise<void> {
    this.write(workspace, rows)
  }

  async retitle(workspace: string, keys: string[], title: string): Promise<void> {
    const rows = keys.map(key => JSON.parse(this.#one.get(workspace, key)!.json as string) as Row)
    this.write(workspace, rows.map(row => ({ ...row, title })))
  }

  async count(workspace: string): Promise<number> {
    return this.#count.get(workspace)!.count as number
  }

  #read(workspace: string, query: URLSearchParams): string {
    if (query.has('newest')) return `{"rows":[${this.#newest.all(workspace, Number(query.get('newest'))).map(row => row.json).join()}]}`
    const [after, limit] = [Number(query.get('after')), Number(query.get('limit'))]
    const rows = this.#since.all(workspace, after, limit + 1)
    const page = rows.slice(0, limit)
    return `{"rows":[${page.map(row => row.json).join()}],"next":${(page.at(-1)?.number ?? after) as number},"hasMore":${rows.length > limit}}`
  }
}
