// Node.js as client, asked one line at a time: see judge.py.
import fs from "node:fs";
import https from "node:https";
import readline from "node:readline";

function ask(host, address, port, anchors) {
  return new Promise((resolve) => {
    const refuse = (error) => resolve(["refused", `${error.code ?? error.name}: ${error.message}`]);
    let request;
    try {
      request = https.get({
        host,
        port,
        path: "/",
        ca: fs.readFileSync(anchors),
        agent: false,
        timeout: 15000,
        lookup: (_, options, done) =>
          options.all ? done(null, [{ address, family: 4 }]) : done(null, address, 4),
      }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part) => { text += part; });
        response.on("end", () => resolve(["read", text]));
        response.on("error", refuse);
      });
    } catch (error) {
      refuse(error);
      return;
    }
    request.on("error", refuse);
    request.on("timeout", () => { resolve(["unclear", "no answer"]); request.destroy(); });
  });
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const [name, host, address, port, anchors, , greeting] = line.split("\t");
  let [outcome, said] = await ask(host, address, port, anchors);
  if (outcome === "read") [outcome, said] = said.includes(greeting) ? ["accepted", ""] : ["unclear", said];
  console.log([name, outcome, said.replaceAll(/[\n\t]/g, " ")].join("\t"));
}
