// Sends the messages of the files over one connection with @medplum/hl7, and prints of each what its acknowledgement says, as
// the client's own parser reads it: code, the control id that is answered, error text.
//
//     node medplum.mjs PORT FILE...
import { readFileSync } from 'node:fs';
import { Hl7Message } from '@medplum/core';
import { Hl7Client } from '@medplum/hl7';

const [port, ...files] = process.argv.slice(2);
const client = new Hl7Client({ host: '127.0.0.1', port: Number(port), keepAlive: true });
for (const file of files) {
  const answer = await client.sendAndWait(Hl7Message.parse(readFileSync(file, 'utf8')), { timeoutMs: 10000 });
  const acknowledgement = answer.getSegment('MSA');
  console.log(JSON.stringify({
    code: acknowledgement.getField(1).toString(),
    answers: acknowledgement.getField(2).toString(),
    error: answer.getSegment('ERR')?.toString() ?? '',
  }));
}
await client.close();
