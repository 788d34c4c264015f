const PREFIX = 'the server in '

/** What the journal calls the server as the author of its own edits in a workspace. No device has such a name. */
export function serverName(workspaceId: string): string {
  return PREFIX + workspaceId
}

/** The workspace in which the server is the author of this name. Undefined: the author is a device. */
export function servedWorkspace(author: string): string | undefined {
  return author.startsWith(PREFIX) ? author.slice(PREFIX.length) : undefined
}
