import { z } from 'zod'

const form = z.object({
  name: nameField,
  role: z.enum(['owner', 'editor', 'viewer'], { error: 'must be owner, editor or viewer' }),
})

/** Adds a member, who need not have signed in before. Only owners may do this. */
export default defineEventHandler(async (event) => {
  const user = await requireUser(event)
  const id = getRouterParam(event, 'id', { decode: true }) ?? ''
  if (id === user.id) throw refuse(403, 'a personal workspace cannot be shared; make a shared one')
  if (!workspaceExists(id)) throw refuse(404, 'no such workspace')
  if (roleIn(id, user.id) !== 'owner') throw refuse(403, 'only owners add members')
  const { name, role } = await readForm(event, form)
  const member = rememberUser(name)
  if (member.id === user.id && role !== 'owner' && ownerCount(id) === 1) {
    throw refuse(403, 'a workspace needs an owner; make someone else one first')
  }
  setMember(id, member.id, role)
  return { ...member, role }
})
