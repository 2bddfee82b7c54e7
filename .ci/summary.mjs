// Counts the tests of a vitest JSON report; a skipped one is a failure, for here nothing may be missing.
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const tests = report.testResults.flatMap(({ name, assertionResults }) =>
  assertionResults.map(({ fullName, status }) => ({ file: name, name: fullName, status })),
);
const passed = tests.filter(({ status }) => status === 'passed').length;
const failed = tests.filter(({ status }) => status === 'failed');
const skipped = tests.filter(({ status }) => status !== 'passed' && status !== 'failed');
for (const { file, name } of skipped) console.log(`skipped: ${file}: ${name}`);
const broken = report.testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0);
for (const { name, message } of broken) console.log(`did not run: ${name}: ${message}`);
console.log(`${passed} passed, ${failed.length + broken.length} failed, ${skipped.length} skipped`);
if (failed.length + broken.length + skipped.length > 0 || passed === 0) process.exitCode = 1;
