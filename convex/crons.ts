import { cronJobs, makeFunctionReference } from 'convex/server'

const crons = cronJobs()
crons.interval('collect sync garbage', { hours: 1 }, makeFunctionReference<'mutation'>('sync:gc'), {})

export default crons
