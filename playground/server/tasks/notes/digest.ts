/** Writes a note every morning. `nuxt.config.ts` says when. */
export default defineTask({
  meta: { name: 'notes:digest', description: 'Writes the note of the morning into each workspace that has notes' },
  async run() {
    let written = 0
    for (const id of workspaceIds()) {
      // One workspace that fails must not keep the note from the others.
      try { if (await writeDigest(id)) written++ }
      catch (error) { useLog().error(`[digest] no note for workspace ${id}`, { error }) }
    }
    return { result: { written } }
  },
})
