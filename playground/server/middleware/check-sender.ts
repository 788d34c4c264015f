export default defineEventHandler(event => checkSender(event))
