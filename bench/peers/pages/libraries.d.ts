/** The parts of the libraries that the benchmark uses. They are installed on demand, so their own types are not always there. */
declare module 'rxdb/plugins/core' {
  import type { Observable } from 'rxjs'

  export interface RxDocument<T> { toJSON: () => T }
  export interface RxQuery<R> { exec: () => Promise<R>, $: Observable<R> }
  export interface RxCollection<T> {
    insert: (row: T) => Promise<unknown>
    upsert: (row: T) => Promise<unknown>
    bulkInsert: (rows: T[]) => Promise<{ success: unknown[], error: unknown[] }>
    findOne: (key: string) => RxQuery<RxDocument<T> | null>
    findByIds: (keys: string[]) => RxQuery<Map<string, RxDocument<T>>>
    count: () => RxQuery<number>
  }
  export interface RxDatabase<C> { collections: C }
  export function createRxDatabase(options: { name: string, storage: unknown }): Promise<{ addCollections: <C>(definitions: object) => Promise<C> }>
}
declare module 'rxdb/plugins/storage-dexie' {
  export function getRxStorageDexie(): unknown
}
declare module 'rxdb/plugins/replication' {
  import type { Observable } from 'rxjs'

  export type WithDeleted<T> = T & { _deleted: boolean }
  export interface PullResult<T, C> { documents: WithDeleted<T>[], checkpoint: C }
  export interface ReplicationState {
    awaitInitialReplication: () => Promise<void>
    awaitInSync: () => Promise<boolean>
    error$: Observable<unknown>
  }
  export function replicateRxCollection<T, C>(options: {
    collection: unknown
    replicationIdentifier: string
    live: boolean
    pull: { handler: (checkpoint: C | undefined, batchSize: number) => Promise<PullResult<T, C>>, batchSize: number, stream$: Observable<PullResult<T, C> | 'RESYNC'> }
    push: { handler: (rows: { newDocumentState: WithDeleted<T> }[]) => Promise<WithDeleted<T>[]>, batchSize: number }
  }): ReplicationState
}
declare module 'rxjs' {
  export interface Observable<T> { subscribe: (next: (value: T) => void) => unknown }
  export class Subject<T> implements Observable<T> {
    subscribe: Observable<T>['subscribe']
    next: (value: T) => void
  }
}
declare module 'pouchdb' {
  export default class PouchDB<T> {
    constructor(name: string)
    put(document: T & { _id: string }): Promise<{ ok: boolean }>
    bulkDocs(documents: (T & { _id: string })[]): Promise<object[]>
    info(): Promise<{ doc_count: number }>
  }
}
declare module 'dexie-cloud-addon' {
  import type { Dexie } from 'dexie'

  const dexieCloud: (db: Dexie) => void
  export default dexieCloud
}
declare module 'replicache' {
  export interface WriteTransaction {
    set: (key: string, value: object) => Promise<void>
    scan: () => { keys: () => { toArray: () => Promise<string[]> } }
  }
  type Mutators = Record<string, (tx: WriteTransaction, args: never) => Promise<void>>
  export class Replicache<M extends Mutators> {
    constructor(options: { name: string, mutators: M, pushURL?: string, pullURL?: string })
    mutate: { [K in keyof M]: (args: Parameters<M[K]>[1]) => Promise<void> }
    query: <R>(read: (tx: WriteTransaction) => Promise<R>) => Promise<R>
  }
}
declare module 'tinybase' {
  export interface Store {
    setRow: (table: string, key: string, row: object) => Store
    transaction: (work: () => void) => void
    getRowCount: (table: string) => number
  }
  export function createStore(): Store
}
declare module 'tinybase/persisters/persister-indexed-db' {
  import type { Store } from 'tinybase'

  export function createIndexedDbPersister(store: Store, name: string): { save: () => Promise<unknown> }
}
