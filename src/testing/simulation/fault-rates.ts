/** How often each fault happens, from 0 to 1. For messages it is the share of all messages, for events the chance at each edit. */
export interface FaultRates {
  /** A request does not arrive. */
  drop: number
  /** A request arrives, but its reply does not. */
  lostReply: number
  /** A request arrives a second time, some time later. */
  duplicate: number
  /** A message takes up to 20 s. */
  delay: number
  /** A live page overtakes the one before it. */
  reorder: number
  /** A subscription breaks instead of delivering. */
  disconnect: number
  /** A device loses the network for a while. */
  offline: number
  /** A tab is killed, at any step of any transaction, and opened again later. */
  crash: number
  /** A tab is frozen for a while and keeps its lock. */
  freeze: number
  /** An engine is stopped and started. */
  restart: number
  /** A tab is closed, and opened again later. */
  close: number
  /** The browser closes a tab's database by itself, at any moment. */
  databaseLost: number
  /** A device's database is deleted while its tabs are open, as "Clear site data" does. Edits that had not reached the store are gone. */
  wiped: number
  /** A device's database, with its device id, is copied to another machine. */
  copied: number
  /** A malformed message comes over the channel of a device's tabs. */
  strangeMessage: number
  /** Share of answers in which the store's clock is absurdly wrong. */
  oddTime: number
  /** A user becomes a viewer, or loses the membership, for a while. */
  role: number
  /** The user signs out, or goes to another workspace: another session takes its place in the browser, or the first one comes back. */
  session: number
  /** A device opens a tab with the app's next version, which has one more table. Its older tabs stay open for a while. */
  upgrade: number
  /** Share of browsers without Web Locks. */
  noLocks: number
  /** Share of browsers whose Web Locks never answer, or refuse. */
  brokenLocks: number
  /** Share of browsers whose storage throws. Their tabs cannot talk to each other. */
  blockedStorage: number
  /** Somebody else signs in in a device's browser for a while, so its requests carry the other user's cookie. */
  otherUser: number
  /** The store answers 401, 429 or 503 for a while, or a proxy answers in its place. */
  refuse: number
  /** A firewall refuses all pushes with one record for a while. */
  firewall: number
  /** A device's clock is set wrong by up to an hour, or set right again. */
  skew: number
  /** The store collects tombstones. */
  gc: number
  /** All tabs of a device are closed for days. */
  absence: number
  /** The store is restored from an earlier copy. In half of the cases it gets no new epoch. */
  restore: number
  /** Some transactions of a device fail as on a full disk. */
  quota: number
  /** A call writes several rows of which the last cannot be stored. Either the engine refuses the call, or IndexedDB throws half-way. */
  unstorable: number
  /** Events happen in the middle of transactions. */
  slowDisk: number
  /** Share of histories in which a page of the feed has at most 3 changes, so that a device reads several until there are no more. */
  smallPages: number
  /** Share of histories in which a push has at most 3 ops, so that some transactions are sent in parts. */
  smallPushes: number
  /** Share of histories with rows that one version of the app or the store does not take, or that one version keeps on its device. */
  oddRows: number
  /** Share of histories in which the answers to pushes say no more than a provider has to say. */
  terseAnswers: number
  /** Share of histories in which some pages hold a malformed change. */
  strangeChanges: number
  /** Share of histories in which the store forgets deleted records, with their revisions, after some weeks. */
  purge: number
  /** A device writes many rows in one transaction. */
  bulk: number
  /** In histories with odd rows: the same as `restore`. So some rows that wait in quarantine are lost by the store. */
  rewind: number
  /** The user retries or discards all edits that the store has refused. */
  settle: number
  /** The server itself writes one to four records in one call. */
  serverWrites: number
}

/** Nothing goes wrong. */
export const NO_FAULTS: FaultRates = {
  drop: 0, lostReply: 0, duplicate: 0, delay: 0, reorder: 0, disconnect: 0, offline: 0, crash: 0, freeze: 0, restart: 0,
  close: 0, databaseLost: 0, wiped: 0, copied: 0, strangeMessage: 0, oddTime: 0, role: 0, session: 0, upgrade: 0, noLocks: 0, brokenLocks: 0, blockedStorage: 0, otherUser: 0,
  refuse: 0, firewall: 0, skew: 0, gc: 0, absence: 0, restore: 0, quota: 0, unstorable: 0, slowDisk: 0, smallPages: 0, smallPushes: 0,
  oddRows: 0, terseAnswers: 0, strangeChanges: 0, purge: 0, bulk: 0, rewind: 0, settle: 0, serverWrites: 0,
}

/** Far more faults in each history than any user ever meets. */
export const DEFAULT_FAULTS: FaultRates = {
  drop: 0.05, lostReply: 0.08, duplicate: 0.05, delay: 0.03, reorder: 0.1, disconnect: 0.03, offline: 0.06, crash: 0.06, freeze: 0.03, restart: 0.02,
  close: 0.02, databaseLost: 0.02, wiped: 0.01, copied: 0.01, strangeMessage: 0.01, oddTime: 0.02, role: 0.02, session: 0.01, upgrade: 0.03, noLocks: 0.1, brokenLocks: 0.1, blockedStorage: 0.05, otherUser: 0.03,
  refuse: 0.04, firewall: 0.02, skew: 0.03, gc: 0.05, absence: 0.01, restore: 0.02, quota: 0.02, unstorable: 0.04, slowDisk: 0.3, smallPages: 0.2, smallPushes: 0.15,
  oddRows: 0.3, terseAnswers: 0.15, strangeChanges: 0.1, purge: 0.15, bulk: 0.004, rewind: 0.03, settle: 0.04, serverWrites: 0.1,
}
