// The answer of the HTTP peers, the same for all: a short text, whose length is known.
// Invariant: nothing here costs more than the server around it.

const TEXT = 'hello, world\n';
const HEADERS = { 'Content-Type': 'text/plain', 'Content-Length': TEXT.length };

export function hello(_request, response) {
  response.writeHead(200, HEADERS).end(TEXT);
}
