import { nearestName } from '../../shared/sync/schema/nearest-name'
import type { WhyStep } from './why-chain'

/** Whether this page syncs at all, and knows the table. */
export const checksOfDevice: readonly WhyStep[] = [
  {
    id: 'switched-on', question: 'Is sync switched on?',
    ask: ({ session }) => session
      ? { answer: 'yes', words: 'OR3_SYNC_ENABLED and SSR_AUTH_ENABLED are on.' }
      : { answer: 'no', outcome: 'local', words: 'Sync is off, so every row stays in this browser.', cure: 'Set OR3_SYNC_ENABLED and SSR_AUTH_ENABLED to "true" before the server starts, or the options enabled and ssrAuthEnabled of or3Sync.' },
  },
  {
    id: 'table', question: 'Does the schema declare the table?',
    ask: ({ table, tableName, tableNames }) => {
      if (table) return { answer: 'yes', words: `"${tableName}" is a synced table.` }
      const near = nearestName(tableName, tableNames)
      return { answer: 'no', outcome: 'local', words: `The schema has no table "${tableName}", so it is not synced.`, cure: `${near ? `Did you mean "${near}"? ` : ''}The synced tables are: ${tableNames.join(', ')}. Add yours to shared/sync.schema.ts.` }
    },
  },
  {
    id: 'session', question: 'Is somebody signed in?',
    ask: ({ session, sync }) => {
      if (!session || session.status === 'loading') return { answer: 'no', outcome: 'waiting', words: 'The session is not known yet.', cure: 'Wait for GET /api/sync/session to answer. If it never does, look at the server\'s log.' }
      if (session.status === 'unauthenticated') return { answer: 'no', outcome: 'local', words: 'Nobody is signed in, so rows stay in this browser.', cure: 'Sign in, then use "Ask for the session" on the overview. On the server, the hook or3-sync:session or nuxt-auth-utils says who is signed in.' }
      if (sync.reason === 'other-user') return { answer: 'no', outcome: 'stuck', words: 'Somebody else has signed in in this browser. Edits wait, and nothing is sent as the wrong user.', cure: 'Sign in as the first user again, or reload the page to go on as the other user.' }
      if (session.status === 'expired') return { answer: 'no', outcome: 'stuck', words: 'The session has expired. Edits wait.', cure: 'Sign in again as the same user, then use "Ask for the session" on the overview.' }
      return { answer: 'yes', words: `User "${session.userId}" is signed in.` }
    },
  },
  {
    id: 'workspace', question: 'Is the user a member of this workspace?',
    ask: ({ session }) => {
      if (session?.workspaceId === null) return { answer: 'no', outcome: 'stuck', words: 'The user belongs to no workspace.', cure: 'Let the hook or3-sync:session return a workspace with the role owner, editor or viewer.' }
      if (session?.role === null) return { answer: 'no', outcome: 'stuck', words: 'The user is no longer a member of this workspace.', cure: 'Switch to another workspace, or let an owner add the user again. "Copy refused edits" in the outbox saves what was not sent.' }
      return { answer: 'yes', words: `The role in workspace "${session?.workspaceId}" is ${session?.role}.` }
    },
  },
  {
    id: 'engine', question: 'Can the engine work in this page?',
    ask: ({ sync }) => {
      switch (sync.reason) {
        case 'newer-database': return { answer: 'no', outcome: 'stuck', words: 'Another tab runs a newer version of the app and has changed the database.', cure: 'Reload the page. Edits are kept.' }
        case 'outdated': return { answer: 'no', outcome: 'stuck', words: 'The server speaks another version of the protocol than this page.', cure: 'Reload the page. Edits are kept.' }
        case 'no-provider': return { answer: 'no', outcome: 'stuck', words: `The chosen provider is not registered${sync.error ? `: ${sync.error.message}` : ''}.`, cure: 'Register it in a plugin, or correct OR3_SYNC_PROVIDER or setActiveSyncProvider().' }
        case 'no-storage': return { answer: 'no', outcome: 'stuck', words: 'The browser does not give this page a database (IndexedDB).', cure: 'Leave the private window, or allow site data for this page.' }
        default: return { answer: 'yes', words: sync.isLeader ? 'It runs, and this tab leads.' : 'It runs. Another tab leads, or is about to.' }
      }
    },
  },
]
