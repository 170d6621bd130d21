// One request, for `osbiz catalogue check -- node ask.mjs {host} {port} {cafile}`.
import { readFileSync } from 'node:fs';
import https from 'node:https';

const [host, port, cafile] = process.argv.slice(2);
https.get({ host, port, ca: readFileSync(cafile), agent: false }, (response) => response.resume())
  .on('error', (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
