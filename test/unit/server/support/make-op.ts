export * from '../../../../src/testing/contract/make-op'
