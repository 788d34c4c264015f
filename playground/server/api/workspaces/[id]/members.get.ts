/** The members of a workspace, for its members only. A personal workspace has only its owner. */
export default defineEventHandler(async (event) => {
  const user = await requireUser(event)
  const id = getRouterParam(event, 'id', { decode: true }) ?? ''
  if (id === user.id) return [{ ...user, role: 'owner' as const }]
  if (!workspaceExists(id)) throw refuse(404, 'no such workspace')
  if (!roleIn(id, user.id)) throw refuse(403, 'only members see who belongs here')
  return membersOf(id)
})
