import { createConfigForNuxt } from '@nuxt/eslint-config/flat'

export default createConfigForNuxt({
  features: {
    tooling: true,
    stylistic: true,
  },
  dirs: {
    src: ['./playground/app'],
  },
}).append(
  {
    ignores: ['dist/**', '.nuxt*/**', '.output*/**', '.ci/results/**', 'coverage/**'],
  },
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      'no-console': 'error',
      // A short statement and its counterpart may share a line.
      '@stylistic/max-statements-per-line': ['error', { max: 3 }],
      '@stylistic/brace-style': ['error', 'stroustrup', { allowSingleLine: true }],
      '@stylistic/quote-props': 'off',
      '@stylistic/operator-linebreak': ['error', 'before', { overrides: { '=': 'ignore' } }],
      // A callback that may return a promise or nothing is exactly that.
      '@typescript-eslint/no-invalid-void-type': 'off',
      // Declaration merging needs interfaces that only extend.
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
    },
  },
  {
    // Tools print.
    files: ['bench/**', 'test/**', '.ci/**'],
    rules: { 'no-console': 'off' },
  },
)
