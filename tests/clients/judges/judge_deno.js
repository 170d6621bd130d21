// Deno (rustls) as client, asked one line at a time: see judge.py.
async function ask(host, port, anchors, proxy) {
  const byName = !/^[0-9.]+$/.test(host);
  const client = Deno.createHttpClient({
    caCerts: [await Deno.readTextFile(anchors)],
    poolMaxIdlePerHost: 0,
    ...(byName ? { proxy: { url: `http://127.0.0.1:${proxy}` } } : {}),
  });
  try {
    const answer = await fetch(`https://${host}:${port}/`, { client, signal: AbortSignal.timeout(15000) });
    return await answer.text();
  } finally {
    client.close();
  }
}

function words(error) {
  while (error.cause) error = error.cause;
  return error.message;
}

async function answer(line) {
  const [name, host, , port, anchors, proxy, greeting] = line.split("\t");
  let outcome, said = "";
  try {
    said = await ask(host, port, anchors, proxy);
    outcome = "unclear";
    if (said.includes(greeting)) [outcome, said] = ["accepted", ""];
  } catch (error) {
    [outcome, said] = [error.name === "TimeoutError" ? "unclear" : "refused", words(error)];
  }
  console.log([name, outcome, said.replaceAll(/[\n\t]/g, " ")].join("\t"));
}

let pending = "";
for await (const part of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (pending + part).split("\n");
  pending = lines.pop();
  for (const line of lines) await answer(line);
}
