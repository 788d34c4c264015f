/** The note's key in each workspace, so that a second run changes the same note. */
const ID = 'morning-digest'
const DAY_MS = 24 * 60 * 60 * 1000

/** Writes the note of the morning, or changes it, if the workspace has other notes. Resolves to whether it wrote. */
export async function writeDigest(workspaceId: string, now = Date.now()): Promise<boolean> {
  const sync = useSyncGateway()
  const { notes, recent } = await countNotes(workspaceId, now - DAY_MS)
  if (notes === 0) return false
  const content = `Good morning! There ${notes === 1 ? 'is 1 note' : `are ${notes} notes`} here. ${recent === 0 ? 'None has' : recent === 1 ? '1 has' : `${recent} have`} changed since yesterday.`
  const note = await sync.get(workspaceId, 'posts', ID)
  if (note?.content === content) return false
  // Of a note that is there, only the text changes: title, colour and pin are the users' own.
  const edit = note
    ? { table: 'posts', update: { id: ID, content, updated_at: now } } as const
    : { table: 'posts', put: { id: ID, title: 'Today', content, color: 'sky', pinned: false, updated_at: now } } as const
  await sync.write(workspaceId, [edit], { as: 'digest' })
  return true
}

/** How many notes there are beside this one, and how many of them have changed since then. */
async function countNotes(workspaceId: string, since: number): Promise<{ notes: number, recent: number }> {
  let [notes, recent] = [0, 0]
  for (let after: string | undefined; ;) {
    const { rows, next } = await useSyncGateway().list(workspaceId, 'posts', { after, limit: 1_000 })
    for (const { id, updated_at = 0 } of rows) {
      if (id === ID) continue
      notes++
      if (updated_at > since) recent++
    }
    if (next === null) return { notes, recent }
    after = next
  }
}
