import type { ErrorEntry, ErrorSource } from '../../src/runtime/shared/sync/errors/error-entry'
import { ERROR_LIST } from '../../src/runtime/shared/sync/errors/error-list'
import { RETRY_POLICY } from '../../src/runtime/shared/sync/protocol/retry-policy'
import type { WireErrorCode } from '../../src/runtime/shared/sync/protocol/error-codes'

const SECTIONS: readonly { source: ErrorSource, heading: string, intro: string }[] = [
  { source: 'wire', heading: 'Codes that anybody may say', intro: 'The `code` of a `SyncError`. The server, a store or a provider uses them, and the engine itself. [The protocol](./protocol.md#routes) says with which status the gateway sends them, and [custom providers](./custom-providers.md#errors) what the engine makes of them.' },
  { source: 'client', heading: 'Codes of the client alone', intro: 'The `code` of a `SyncError` as well. Only the engine uses these; where a server, a store or a provider says one, it counts as `UNKNOWN`.' },
  { source: 'reason', heading: 'Why nothing syncs', intro: 'The values of `useSyncStatus().reason`. In development the browser\'s console shows a line for each, once.' },
  { source: 'page', heading: 'Lines in the browser\'s console', intro: 'They are shown in development, and with `clientLogLevel: \'info\'` in production too.' },
  { source: 'build', heading: 'When the app is built or started', intro: 'The module writes these lines to the terminal. Each begins with `[or3-sync]`. All but the warning about the host stop the build.' },
  { source: 'start', heading: 'When the server starts, and while it runs', intro: 'The server writes these lines to stderr. Those that name something it cannot work without end the process with exit code 1.' },
]

/** `docs/errors.md`. */
export function errorsPage(): string {
  const sections = SECTIONS.map(({ source, heading, intro }) => [
    `## ${heading}`, intro, ...ERROR_LIST.filter(entry => entry.source === source).map(entryText),
  ].join('\n\n'))
  return `${['<!-- Written by `npm run docs:errors` from src/runtime/shared/sync/errors; a test compares them. -->',
    '# Errors',
    'Every error code, reason and message, with its cause and what to do. Messages in development end with a link to this page. `npx or3-sync doctor` finds most mistakes of the configuration: see [doctor](./doctor.md).',
    'Decide on the `code` of a `SyncError` and on `retryable`, never on its message. Two types name the codes: `WireErrorCode` and `ClientErrorCode`; `SyncErrorCode` is both.',
    ...sections].join('\n\n')}\n`
}

function entryText({ code, source, meaning, cause, fix, messages }: ErrorEntry): string {
  return [
    `### \`${code}\``,
    ...meaning ? [`${meaning}.${source === 'wire' ? ` ${retried(code as WireErrorCode)}` : ''}`] : [],
    ...messages ? [['```text', ...messages, '```'].join('\n')] : [],
    `- **Cause:** ${cause}\n- **What to do:** ${fix}`,
  ].join('\n\n')
}

function retried(code: WireErrorCode): string {
  return `Its \`retryable\` is ${RETRY_POLICY[code].retryable}, unless the error itself says otherwise.`
}
