// A client's tests against the box, with node:test. The client is Node's own https.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

let process_, folder, ready;

const control = async (method, path, body) => {
  const answer = await fetch(`${ready.control}/v1/${path}`, {
    method,
    headers: { Authorization: `Bearer ${ready.token}` },
    body: body && JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
};

const logIn = (wsi, ca) => new Promise((resolve, reject) => {
  const url = `${wsi}/cgi-bin/gadgetapi?cmd=Login&gsUser=100&gsPass=100-1234`;
  https.get(url, { ca, agent: false }, async (response) => {
    let text = '';
    for await (const part of response) text += part;
    resolve(text);
  }).on('error', reject);
});

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'osbiz-'));
  const file = join(folder, 'ready.json');
  process_ = spawn('osbiz', ['run', '--ephemeral', '--trusted', '--no-booster', '--restart-time', '0',
    '--portal-port', '0', '--wsi-port', '0', '--wsi-http-port', '0', '--control-port', '0',
    '--ready-file', file], { stdio: 'ignore' });
  while (!ready) {
    await sleep(50);
    ready = await readFile(file, 'utf8').then(JSON.parse, () => undefined);
  }
});

after(async () => {
  process_.kill();
  await rm(folder, { recursive: true });
});

test('the client logs in when it trusts the authority', async () => {
  const { anchor } = await control('GET', 'trust');
  assert.match(await logIn(ready.wsi, anchor.pem), /<ID>[0-9a-f]{8}<\/ID>/);
});

test('it refuses a box whose authority it does not know', async () => {
  await assert.rejects(logIn(ready.wsi), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
});

test('it refuses the certificate that a change of address makes', async () => {
  const { anchor } = await control('GET', 'trust');
  const { wsi } = await control('PATCH', 'box', { lan_ip: '127.0.0.52' });
  await assert.rejects(logIn(wsi, anchor.pem), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});
