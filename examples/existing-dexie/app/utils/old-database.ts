import { Dexie, type EntityTable } from 'dexie'

export interface OldItem {
  id: number
  list: string
  name: string
  bought: boolean
  added: Date
  /** The row's key from now on. Written before the row moves, so that it moves only once. */
  syncId?: string
}

/** The database of the app as it was before or3-sync, with the versions that it had. */
export class OldDatabase extends Dexie {
  declare items: EntityTable<OldItem, 'id'>

  constructor() {
    super('shopping')
    this.version(1).stores({ items: '++id, list' })
  }
}
