import { createServer } from 'node:http';

/** The bound: Node answering with a ready text, and nothing else. It is told what to say, so that it sends as many bytes as the others. */
const [port, body] = process.argv.slice(2) as [string, string];
const length = String(Buffer.byteLength(body));

createServer((request, response) => {
  if (request.headers['if-none-match'] === '"v1"') {
    response.writeHead(304, { ETag: '"v1"' }).end();
    return;
  }
  response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': length, ETag: '"v1"' }).end(body);
}).listen(Number(port), '127.0.0.1');
