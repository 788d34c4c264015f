import { z } from 'zod'

const form = z.object({ name: nameField })

export default defineEventHandler(async (event) => {
  if (!isDemo()) throw refuse(403, HOW_TO_SWITCH_DEMO_ON)
  const { name } = await readForm(event, form)
  const user = rememberUser(name)
  forgetSignOut(event)
  await replaceUserSession(event, { user }, sessionCookie(event))
  return user
})
