// A Next.js route handler as it is often written: it logs what it computed, and refuses what differs.
import crypto from 'node:crypto';

/*HANDLER*/
  const timestamp = request.headers.get('x-costkatana-timestamp');
  const mac = crypto.createHmac('sha256', process.env.SECRET);
  const computed = 'sha256=' + mac.update(`${timestamp}.`).update(body).digest('hex');
  console.log(`computed ${computed}, received ${request.headers.get('x-costkatana-signature')}`);
  return new Response('', { status: computed === request.headers.get('x-costkatana-signature') ? 200 : 401 });
}
