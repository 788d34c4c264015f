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
} as const satisfies Record<string, PageText>

export type PageCode = keyof typeof PAGE_LINES
