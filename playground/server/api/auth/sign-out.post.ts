export default defineEventHandler(async (event) => {
  await clearUserSession(event, sessionCookie(event))
  return { ok: true }
})
