import { describeConvexInBrowser } from '../support/describe-convex-in-browser'

describeConvexInBrowser('two windows that sync through a gateway on Convex', { env: { OR3_SYNC_PROVIDER: 'gateway' }, isDirect: false })
