/** Writes the note of the morning now, for those who do not want to wait for it. Only for members who may write. */
export default defineEventHandler(async (event) => {
  const user = await requireUser(event)
  const id = getRouterParam(event, 'id', { decode: true }) ?? ''
  const role = id === user.id ? 'owner' : roleIn(id, user.id)
  if (!role || role === 'viewer') throw refuse(403, 'only members who may write make notes here')
  return { written: await writeDigest(id) }
})
