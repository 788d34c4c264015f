import type { IncomingMessage, ServerResponse } from 'node:http'
import { DatabaseSync, type StatementSync } from 'node:sqlite'

/** The simplest store: rows as JSON text, by workspace and number. Each request is one transaction. */
export class FloorStore {
  readonly #db: DatabaseSync
  readonly #insert: StatementSync
  readonly #select: StatementSync

  constructor(path: string) {
    this.#db = new DatabaseSync(path)
    this.#db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      CREATE TABLE rows (workspace TEXT, number INTEGER, id TEXT, json TEXT, PRIMARY KEY (workspace, id)) WITHOUT ROWID;
      CREATE INDEX by_number ON rows (workspace, number)`)
    this.#insert = this.#db.prepare('INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?)')
    this.#select = this.#db.prepare('SELECT json FROM rows WHERE workspace = ? AND number >= ? ORDER BY number LIMIT ?')
  }

  async handle(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const workspace = url.searchParams.get('workspace') ?? ''
    if (request.method === 'POST') this.#write(workspace, JSON.parse(await textOf(request)) as { id: string, position: number }[])
    const page = request.method === 'GET' ? this.#read(workspace, url) : '{"ok":true}'
    response.writeHead(200, { 'content-type': 'application/json' }).end(page)
  }

  #write(workspace: string, rows: { id: string, position: number }[]): void {
    this.#db.exec('BEGIN IMMEDIATE')
    for (const row of rows) this.#insert.run(workspace, row.position, row.id, JSON.stringify(row))
    this.#db.exec('COMMIT')
  }

  #read(workspace: string, url: URL): string {
    const rows = this.#select.all(workspace, Number(url.searchParams.get('after')), Number(url.searchParams.get('limit')))
    return `[${rows.map(row => row.json).join()}]`
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
