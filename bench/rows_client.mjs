// rows_client.mjs URL BATCH PARALLEL < lines of JSON: a client as one writes it by hand, with Node's own http and kept connections.
// The lines are joined as they are, which is the least work a client can do.
import http from 'node:http';
const [address, batch, parallel] = process.argv.slice(2);
const url = new URL(address), agent = new http.Agent({ keepAlive: true, maxSockets: +parallel });
let rows = 0, inFlight = 0, failure = null;
const waiting = [];
const send = (body) =>
  new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', agent, headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) } }, (answer) => {
      answer.resume().on('end', () => (answer.statusCode < 300 ? resolve() : reject(new Error(`status ${answer.statusCode}`))));
    });
    request.on('error', reject).end(body);
  });
const put = async (lines) => {
  while (inFlight >= +parallel) await new Promise((resolve) => waiting.push(resolve));
  if (failure) throw failure;
  inFlight++;
  rows += lines.length;
  send('{"records":[' + lines.join(',') + ']}').catch((error) => (failure = error)).finally(() => { inFlight--; waiting.shift()?.(); });
};
let tail = '', lines = [];
process.stdin.setEncoding('utf8');
for await (const chunk of process.stdin) {
  const parts = (tail + chunk).split('\n');
  tail = parts.pop();
  for (const line of parts) {
    lines.push(line);
    if (lines.length === +batch) { await put(lines); lines = []; }
  }
}
if (lines.length) await put(lines);
while (inFlight) await new Promise((resolve) => waiting.push(resolve));
if (failure) throw failure;
console.log(JSON.stringify({ rows }));
agent.destroy();
