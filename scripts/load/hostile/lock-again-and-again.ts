import { DatabaseSync } from 'node:sqlite'
import type { HostilePlace } from './hostile-case.ts'

const LOCKED_MS = 1_500
const FREE_MS = 500

/** F39: another process locks the same file for writing, for a while and again and again. */
export async function lockAgainAndAgain({ path, signal }: HostilePlace): Promise<void> {
  const db = new DatabaseSync(path)
  db.exec('PRAGMA busy_timeout = 10000')
  while (!signal.aborted) {
    db.exec('BEGIN IMMEDIATE')
    await new Promise(resolve => setTimeout(resolve, LOCKED_MS))
    db.exec('COMMIT')
    await new Promise(resolve => setTimeout(resolve, FREE_MS))
  }
  db.close()
}
