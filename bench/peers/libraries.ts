import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { PeerName } from '../subject-name.ts'

interface Library {
  /** The rows of the table that it takes part in: those in which it can do the same work. */
  rows: readonly string[]
  /** What is not the same as for or3-sync. */
  differs: string
}

const LOCAL = ['single-off', 'bulk']

export const LIBRARIES: Record<PeerName, Library> = {
  'rxdb': {
    rows: [...LOCAL, 'single-live', 'longest-task', 'longest-task-worst', 'drain', 'bootstrap-small', 'bootstrap', 'bootstrap-large', 'propagation-p50', 'propagation-p99', 'reopen-row', 'reopen-idle', 'drain-up', 'drain-up-plain', 'drain-down', 'drain-down-plain', 'bootstrap-down', 'bootstrap-down-plain', 'behind-small'],
    differs: 'RxDB with the Dexie storage, and handlers that read and write the floor\'s store by HTTP; changes come through a WebSocket. New rows are inserted, not put. The server checks nothing, knows no users and finds no conflicts, and nothing is packed',
  },
  'pouchdb': { rows: LOCAL, differs: 'PouchDB on IndexedDB, local work only. It has no index on `list_id`, because it makes indexes when they are asked for' },
  'dexie-cloud': { rows: LOCAL, differs: 'dexie-cloud-addon with a user whose sign-in the benchmark writes into its database, local work only: its server is no package. Writes are recorded to be sent' },
  'replicache': { rows: LOCAL, differs: 'Replicache, local work only. A write resolves in memory, and is stored when the browser is idle: it is lost when the browser is killed before. No index' },
  'tinybase': { rows: LOCAL, differs: 'TinyBase with its persister for IndexedDB, local work only. A write counts when it is saved, and each save writes all rows. No index' },
}

/** The folder of their `package.json`. */
export const PEERS_FOLDER = import.meta.dirname

/** Installs the libraries, unless they are there. They are no dependencies of the repository, because most who work on it never need them. */
export function installPeers(): void {
  if (existsSync(join(PEERS_FOLDER, 'node_modules'))) return
  process.stdout.write('installing the other libraries into bench/peers\n')
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: PEERS_FOLDER, stdio: 'inherit' })
}
