// Validates the AsyncAPI document, and that its numbered messages are the union of the OpenAPI document.
// node asyncapi.mjs ASYNCAPI OPENAPI
import { readFileSync } from 'node:fs';
import { DiagnosticSeverity, Parser } from '@asyncapi/parser';

const [asyncapi, openapi] = process.argv.slice(2).map((file) => readFileSync(file, 'utf8'));
const { document, diagnostics } = await new Parser().parse(asyncapi);
const wrong = diagnostics.filter((found) => found.severity <= DiagnosticSeverity.Warning);
for (const found of wrong) console.error(`${found.path.join('/')}: ${found.message}`);
if (wrong.length > 0 || !document) process.exit(1);

// A number is what makes an event readable again.
const numbered = document.messages().filter((message) => message.payload()?.properties()?.id !== undefined);
const names = numbered.map((message) => message.name()).sort();
const union = Object.keys(JSON.parse(openapi).components.schemas.EventEnvelope.discriminator.mapping).sort();
if (names.length === 0 || JSON.stringify(names) !== JSON.stringify(union)) {
  console.error(`numbered messages are ${names.join(', ')}; the union has ${union.join(', ')}`);
  process.exit(1);
}
console.log(`${names.length} events`);
