// Prints one plain line, `N passed, N failed`, from the file that vitest's JSON reporter wrote.
//
//   node scripts/print-test-counts.mjs <results.json>
import { existsSync, readFileSync } from 'node:fs'

const file = process.argv[2] ?? '.cache/test-results.json'
if (existsSync(file)) {
  const { numPassedTests, numFailedTests, numTotalTestSuites, numFailedTestSuites } = JSON.parse(
    readFileSync(file, 'utf8'),
  )
  // A test file that cannot even be loaded counts no test; it must not look like nothing happened.
  if (numFailedTestSuites > 0)
    console.log(`${numFailedTestSuites} of ${numTotalTestSuites} groups of tests failed`)
  console.log(`${numPassedTests} passed, ${numFailedTests} failed`)
} else {
  console.log(`no tests ran: ${file} was not written`)
}
