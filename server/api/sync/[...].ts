import { defineEventHandler } from 'h3'
import { useSyncGateway } from '../../nitro/use-sync-gateway'

/** Answers unknown routes with 404 and wrong methods with 405, as JSON. */
export default defineEventHandler(async event => (await useSyncGateway())(event))
