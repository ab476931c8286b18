// Median times of @medplum/core: parsing with every value taken. It has no mapping of a message to FHIR.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

// The package names this class when it is loaded, and older versions of node have none.
globalThis.WebSocket ??= class extends EventTarget {};
const { Hl7Message } = await import('@medplum/core');

const SECONDS = 2;
const folder = process.argv[2];
const entry = createRequire(import.meta.url).resolve('@medplum/core');
const root = entry.slice(0, entry.lastIndexOf(path.join('@medplum', 'core')));
const { version } = JSON.parse(readFileSync(path.join(root, '@medplum', 'core', 'package.json'), 'utf8'));

// Segments and fields are split when they are asked for.
function values(text) {
  const found = [];
  for (const segment of Hl7Message.parse(text).segments) {
    for (const field of segment.fields) {
      for (const repetition of field.components) {
        for (const component of repetition) {
          found.push(...component.split('&'));
        }
      }
    }
  }
  return found;
}

function measure(message) {
  const bytes = readFileSync(path.join(folder, `${message}.hl7`));
  const decode = () => values(bytes.toString('utf8'));
  if (!decode().includes('Bråthen')) {
    throw new Error('the name of the patient was not found');
  }
  const times = [];
  const end = process.hrtime.bigint() + BigInt(SECONDS * 1e9);
  while (process.hrtime.bigint() < end) {
    const start = process.hrtime.bigint();
    decode();
    times.push(Number(process.hrtime.bigint() - start));
  }
  times.sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)] / 1000;
  console.log(['@medplum/core', version, message, 'parse, every value', median.toFixed(1)].join('\t'));
}

measure('referral');
measure('referral-100');
