import type { ErrorEntry, ErrorText } from './error-entry'

type StartText = ErrorText & Required<Pick<ErrorEntry, 'messages'>>

/** What the module says when Nuxt builds the app, or starts it in development. */
export const BUILD_MESSAGES = {
  'invalid-setting': {
    cause: 'An option of `or3Sync` or an environment variable has a value that is not accepted. The server checks it again when it starts.',
    fix: 'The line names the setting, its value and what is accepted. `true` and `false` are the only words for a switch, not `1` or `yes`.',
    messages: ['… is …; accepted: …'],
  },
  'unknown-option': {
    cause: 'There is no option with this name, so it would have no effect.',
    fix: 'Correct the name. The line has the nearest known one and all others.',
    messages: ['… is not an option…; accepted: …'],
  },
  'convex-not-installed': {
    cause: 'The configuration asks for Convex, and the app does not have the package `convex`.',
    fix: 'Run `npm install convex` and build again, or remove the Convex URL and `OR3_SYNC_BACKEND`.',
    messages: [
      '…, and the package "convex" is not installed; run: npm install convex',
      '…, and this build is without the package "convex"; run: npm install convex, and build again',
      'the convex backend needs the package "convex", which cannot be loaded; run: npm install convex',
    ],
  },
  'schema-not-found': {
    cause: 'The option `or3Sync.schema` names a file that does not exist.',
    fix: 'Correct the path, or remove the option and create `shared/sync.schema.ts`.',
    messages: ['or3Sync.schema is "…", which does not exist; accepted: a file that default-exports defineSyncSchema({ … })'],
  },
  'misplaced-schema': {
    cause: 'There is a schema file, but not where the module looks for it. So it is not read, and the tables are those of the preset `or3`.',
    fix: 'Move it to the place that the line names, or set `or3Sync.schema` to its path.',
    messages: ['… is not read, and the tables are those of the preset "or3": move it to …, or set or3Sync.schema to \'…\''],
  },
  'schema-invalid': {
    cause: 'The schema file cannot be run, or it declares a table that cannot be synced.',
    fix: 'The line begins with the file and the line of the mistake, and says what is right there.',
    messages: ['… …'],
  },
  'serverless-preset': {
    cause: 'The app is built for a host that runs it as short-lived functions, or as files without a server. Such a host cannot keep a SQLite file, or hold event streams open.',
    fix: 'Build for a host with a long-running Node server (preset `node-server`). Or let browsers talk to Convex directly (`OR3_SYNC_PROVIDER=convex`, with a Convex URL and `OR3_SYNC_TOKEN_KEY`).',
    messages: ['the Nitro preset "…" does not fit: …; …'],
  },
} as const satisfies Record<string, StartText>

/** What the server says when it starts, and of the app's session. */
export const SERVER_MESSAGES = {
  'unknown-variable': {
    cause: 'An environment variable begins like one of or3-sync, and no setting has that name. It has no effect.',
    fix: 'Correct the name, or remove the variable. The line has the nearest known name.',
    messages: ['the variable … is set, and no setting has that name…'],
  },
  'one-switch': {
    cause: 'Sync runs only if both switches are on, and one of them is off.',
    fix: 'Set the one that the line names to `true` before the server starts. Or set both to `false`, and the line is gone.',
    messages: ['… is true and … is not, so sync is off; set …=true as well before the server starts'],
  },
  'backend-not-in-build': {
    cause: 'The store that `OR3_SYNC_BACKEND` names is not in this build. Postgres is not in this version.',
    fix: 'Name one of the accepted stores, or remove the variable.',
    messages: ['OR3_SYNC_BACKEND is "…", which is not in this build; accepted: …'],
  },
  'sqlite-needs-node': {
    cause: 'The SQLite store uses `node:sqlite`, which this version of Node does not have.',
    fix: 'Use Node 22.13 or newer; 24 is recommended.',
    messages: ['the sqlite backend needs node:sqlite, which Node … does not have; use Node 22.13 or newer; 24 is recommended'],
  },
  'sqlite-not-opened': {
    cause: 'The file of the SQLite store, or its folder, cannot be used. The line says why: it is read-only, locked, damaged, of another program, or the disk is full.',
    fix: 'Give the server a file that it may write (`OR3_SYNC_SQLITE_PATH`), or do what the line says.',
    messages: ['cannot open the SQLite store …: …'],
  },
  'convex-without-url': {
    cause: 'The store is Convex, and no URL of a deployment is set.',
    fix: 'Set `CONVEX_URL` or `VITE_CONVEX_URL`.',
    messages: ['the convex backend needs the URL of a deployment; set CONVEX_URL or VITE_CONVEX_URL'],
  },
  'convex-without-key': {
    cause: 'The store is Convex. The gateway signs a token for each user, and has no key for it.',
    fix: 'Set `OR3_SYNC_TOKEN_KEY`. If only browsers speak to Convex, with tokens of their own, set `OR3_SYNC_BACKEND=sqlite`.',
    messages: ['the convex backend signs a token for each user and has no key; set OR3_SYNC_TOKEN_KEY, or OR3_SYNC_BACKEND=sqlite where only browsers speak to Convex, with tokens of their own'],
  },
  'no-session-source': {
    cause: 'Nothing tells the gateway who is signed in. In development everyone is the user `dev`. In production every sync route answers 401.',
    fix: 'Add a server plugin with the hook `or3-sync:session`, or install nuxt-auth-utils.',
    messages: [
      'nothing says who is signed in: everyone is the local user "dev" in workspace "dev" while developing; before you deploy, …',
      'nothing says who is signed in: every sync route answers 401; …',
    ],
  },
  'unknown-role': {
    cause: 'The session hook returned a workspace with a role that does not exist. The user counts as no member of it.',
    fix: 'Map the roles of the app to `owner`, `editor` and `viewer` in the hook.',
    messages: ['the role … of a session counts as none; accepted: owner, editor, viewer'],
  },
  'session-invalid': {
    cause: 'The session hook returned something of the wrong form. Every sync route answers 500 until it is fixed.',
    fix: 'Let it set `ctx.session` to `{ userId, workspaces: [{ id, role }] }`, with texts as ids, or leave it null for nobody.',
    messages: ['… is …; it must be …'],
  },
  'session-throws': {
    cause: 'The session hook throws an error, so nobody can sync.',
    fix: 'Mend the hook. The lines `a request failed` in the log have the error with its stack. To refuse one request, throw an h3 error with a status below 500.',
    messages: ['the session hook throws an error, and so every route answers 500; the lines "a request failed" say which'],
  },
  'session-silent': {
    cause: 'The session hook took longer than 20 s. Requests answer 503 meanwhile.',
    fix: 'Give the look-ups in the hook a time limit of their own.',
    messages: ['the session hook does not answer'],
  },
} as const satisfies Record<string, StartText>

/** The code of a line of the module or the server. */
export type StartCode = keyof typeof BUILD_MESSAGES | keyof typeof SERVER_MESSAGES
