// The tests that docs/guides/testing-your-app.md shows, run as they are.
import '../../fixtures/docs-app/testing-your-app/todos.test'
