// Sends the messages of the files over one connection with simple-hl7, and prints of each what its acknowledgement says, as the
// client's own parser reads it.
//
//     node simple_hl7.cjs PORT FILE...
const fs = require('node:fs');
const hl7 = require('simple-hl7');

const [port, ...files] = process.argv.slice(2);
const client = new hl7.Server.createTcpClient({ host: '127.0.0.1', port: Number(port), keepalive: true });
const parser = new hl7.Parser({ segmentSeperator: '\r' });

function next() {
  const file = files.shift();
  if (!file) {
    client.close();
    return;
  }
  client.send(parser.parse(fs.readFileSync(file, 'utf8')), (failure, answer) => {
    if (failure) throw failure;
    const acknowledgement = answer.getSegment('MSA');
    const error = answer.getSegment('ERR');
    console.log(JSON.stringify({
      code: String(acknowledgement.getField(1)),
      answers: String(acknowledgement.getField(2)),
      error: error ? error.toString(answer.header.delimiters) : '',
    }));
    // The client is free for the next message only after its callback has returned.
    setImmediate(next);
  });
}
next();
