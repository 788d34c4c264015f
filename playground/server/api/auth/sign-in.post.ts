import { z } from 'zod'

const form = z.object({ name: nameField })

export default defineEventHandler(async (event) => {
  const { name } = await readForm(event, form)
  const user = rememberUser(name)
  await replaceUserSession(event, { user }, sessionCookie(event))
  return user
})
