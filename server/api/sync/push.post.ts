import { defineEventHandler } from 'h3'
import { startedGateway } from '../../nitro/started-gateway'

export default defineEventHandler(async event => (await startedGateway()).routes.push(event))
