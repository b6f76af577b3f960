// A handler as a new user has one, with nothing but Node: it prints the port that it listens at.
import crypto from 'node:crypto';
import http from 'node:http';

const server = http.createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    const hmac = crypto.createHmac('sha256', process.env.WEBHOOK_SECRET);
    hmac.update(`${request.headers['x-costkatana-timestamp']}.`).update(Buffer.concat(pieces));
    const isRight = request.headers['x-costkatana-signature'] === `sha256=${hmac.digest('hex')}`;
    response.writeHead(isRight ? 200 : 401).end();
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
