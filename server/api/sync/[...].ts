import { defineEventHandler } from 'h3'
import { startedGateway } from '../../nitro/started-gateway'

/** Answers unknown routes with 404 and wrong methods with 405, as JSON. */
export default defineEventHandler(async event => (await startedGateway())(event))
