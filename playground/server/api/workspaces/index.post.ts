import { z } from 'zod'

const form = z.object({ name: nameField })

export default defineEventHandler(async (event) => {
  const user = await requireUser(event)
  const { name } = await readForm(event, form)
  return createWorkspace(user, name)
})
