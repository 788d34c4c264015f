import { Dexie, type Table } from 'dexie'
import dexieCloud from 'dexie-cloud-addon'
import type { Row } from '../../page/rows'
import { LocalSubject } from './local-subject'

interface Cloud {
  configure: (options: object) => void
  currentUser: { value: { isLoggedIn?: boolean } }
}

type CloudDatabase = Dexie & { items: Table<Row, string>, cloud: Cloud }

const FAR = new Date('2100-01-01')
const USER = { userId: 'bench', name: 'Bench', claims: { sub: 'bench' }, isLoggedIn: true, accessToken: 'none', accessTokenExpiration: FAR, license: { type: 'eval', status: 'ok' }, lastLogin: new Date() }
const PATIENCE_MS = 10_000

/** Dexie with the add-on of Dexie Cloud. It records what a user who is signed in writes. There is no server, so this stays. */
class DexieCloudSubject extends LocalSubject {
  #db!: CloudDatabase

  async openDatabase(name: string): Promise<void> {
    this.#db = new Dexie(name, { addons: [dexieCloud] }) as CloudDatabase
    this.#db.version(1).stores({ items: 'id, list_id' })
    this.#db.cloud.configure({ databaseUrl: `${location.origin}/no-dexie-cloud`, disableWebSocket: true, disableEagerSync: true })
    await this.#db.open()
    await this.#db.table('$logins').put(USER)
    const deadline = performance.now() + PATIENCE_MS
    while (!this.#db.cloud.currentUser.value.isLoggedIn) {
      if (performance.now() > deadline) throw new Error('Dexie Cloud does not take the user')
      await new Promise(resolve => setTimeout(resolve, 10))
    }
  }

  put(row: Row): PromiseLike<unknown> {
    return this.#db.items.put(row)
  }

  bulkPut(rows: Row[]): PromiseLike<unknown> {
    return this.#db.items.bulkPut(rows)
  }

  async count(): Promise<number> {
    if (await this.#db.table('$items_mutations').count() === 0) throw new Error('Dexie Cloud has recorded nothing to be sent')
    return await this.#db.items.count()
  }
}

Object.assign(window, { subject: new DexieCloudSubject() })
