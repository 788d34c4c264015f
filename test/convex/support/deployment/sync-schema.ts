/** The tables of the contract suites, which the functions of the tests know. */
export { storeSchema as syncSchema } from '../../../../src/testing/contract/store-schema'
