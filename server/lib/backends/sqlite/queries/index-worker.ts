import type { Worker } from 'node:worker_threads'

/** Text, because a bundled server has no file of its own for the worker. */
const SOURCE = `
const { parentPort, workerData: { path, patienceMs, statement } } = require('node:worker_threads')
const { DatabaseSync } = require('node:sqlite')
const db = new DatabaseSync(path)
try {
  db.exec('PRAGMA busy_timeout = ' + patienceMs + '; PRAGMA secure_delete = ON; PRAGMA synchronous = FULL')
  db.exec(statement)
}
finally { db.close() }
`

/**
 * Runs one statement on a connection and a thread of its own, so that this process goes on answering requests. Only writers wait meanwhile.
 *
 * @throws the error of SQLite
 */
export async function runInWorker(path: string, statement: string, patienceMs: number): Promise<void> {
  const { Worker } = process.getBuiltinModule('node:worker_threads')
  await new Promise<void>((resolve, reject) => {
    const worker: Worker = new Worker(SOURCE, { eval: true, workerData: { path, patienceMs, statement } })
    worker.once('error', reject)
    worker.once('exit', () => resolve())
  })
}
