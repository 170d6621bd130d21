// Counts while the box is away, and leads back as soon as it answers. Where it can't be
// asked (another address, or a certificate that the browser does not trust yet: every fetch
// fails then), the page's own refresh leads back a little later.
"use strict";

const page = document.getElementById("waiting");
const passed = document.getElementById("passed");
const progress = document.getElementById("progress");
const state = document.getElementById("state");
const { target, poll, over } = page.dataset;
const seconds = Number(page.dataset.seconds);
const began = performance.now();
let asking = false;

// A reload would send the form again.
history.replaceState(null, "", "/management/admin/");
document.getElementById("count").hidden = false;

async function ask() {
  asking = true;
  try {
    const answer = await fetch(poll, { cache: "no-store", credentials: "omit" });
    if (answer.ok) {
      clearInterval(timer);
      location.assign(target);
      return;
    }
  } catch {
    // Not back yet, or not trusted yet: from here they look the same.
  }
  asking = false;
}

function tick() {
  const since = (performance.now() - began) / 1000;
  passed.textContent = String(Math.floor(since));
  progress.value = Math.min(since, progress.max);
  if (since < seconds) return;
  if (state.textContent !== over) {
    state.textContent = over;
    document.getElementById("go").classList.add("primary");
  }
  if (poll && !asking) ask();
}

const timer = setInterval(tick, 250);
tick();
