// A Next.js route handler, which takes and gives the web's own Request and Response, behind Node's http.
import crypto from 'node:crypto';
import http from 'node:http';

/*HANDLER*/
  const timestamp = request.headers.get('x-costkatana-timestamp');
  const mac = crypto.createHmac('sha256', process.env.SECRET);
  const computed = 'sha256=' + mac.update(`${timestamp}.`).update(body).digest('hex');
  console.log(`computed ${computed}, received ${request.headers.get('x-costkatana-signature')}`);
  return new Response('', { status: computed === request.headers.get('x-costkatana-signature') ? 200 : 401 });
}

http
  .createServer(async (req, res) => {
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    const request = new Request('http://localhost/hook', { method: 'POST', headers: req.headers, body: Buffer.concat(chunks) });
    res.writeHead((await POST(request)).status).end();
  })
  .listen(Number(process.env.PORT), '127.0.0.1');
