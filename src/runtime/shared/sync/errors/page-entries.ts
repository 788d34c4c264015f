import type { ErrorEntry, ErrorText } from './error-entry'

type PageText = ErrorText & Required<Pick<ErrorEntry, 'messages'>>

/** Further lines that the browser's console shows in development. */
export const PAGE_LINES = {
  'refused-row': {
    cause: 'The server or this device has refused an edit for good. It is in the dead letter, and its row stays on this device as it was written.',
    fix: 'The line ends with what to do, which depends on the code in it. `useSyncQueue().failed` lists these edits; `retry(id)` sends one again, `discard(id)` gives it up.',
    messages: ['An edit of … was refused (…): …'],
  },
  'quarantined-row': {
    cause: 'A row of another device does not pass this app\'s schema. It waits in the table `sync_quarantine`, and is tried again at every start.',
    fix: 'Update the schema here, or fix the row on the other device. `useSyncStatus().quarantinedCount` counts these rows.',
    messages: ['A row of another device, …, fails this app\'s schema and waits in quarantine: …'],
  },
  'preset-schema': {
    cause: 'The app has no schema file, so its tables are those of the preset `or3`: threads, messages, projects and so on.',
    fix: 'Create `shared/sync.schema.ts`, or name another file in the option `or3Sync.schema`.',
    messages: ['There is no shared/sync.schema.ts, so the tables are those of the preset "or3".'],
  },
  'other-store': {
    cause: 'The store is not the one that this browser knew. It was restored or deleted, or another app ran at this address before, such as `localhost:3000`.',
    fix: 'Give each app a port of its own. To begin anew, delete the data of this site in the browser.',
    messages: ['The server\'s store is not the one that this browser knew: …'],
  },
  'insecure-page': {
    cause: 'The page is served over HTTP, and not from localhost. There the browser has no `crypto.randomUUID()` and no Web Locks, and drops cookies that are `Secure`. This line is shown in production as well.',
    fix: 'Use HTTPS. In development: `nuxt dev --https`.',
    messages: ['This page is served over http, and not from localhost. …'],
  },
  'query-index': {
    cause: 'A query uses an index that the table does not have.',
    fix: 'Add the index to `indexes` of the table in the sync schema, or use `filter()`.',
    messages: ['A query needs an index that table … does not have: …'],
  },
  'query-table': {
    cause: 'A query reads a table that the sync schema does not declare.',
    fix: 'Declare the table, or correct its name. The line lists the tables that are declared.',
    messages: ['A query reads a table that the sync schema does not declare. …', 'A query read something of undefined. …'],
  },
  'query-outside-setup': {
    cause: '`useLiveQuery()` was called outside of the setup of a component. Nobody ends the query, and each call adds another.',
    fix: 'Call it in setup. In an event handler, read once: `await getDb().todos.toArray()`.',
    messages: ['useLiveQuery() was called outside of a component\'s setup, …'],
  },
} as const satisfies Record<string, PageText>

export type PageCode = keyof typeof PAGE_LINES
