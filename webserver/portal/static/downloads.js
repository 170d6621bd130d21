// Starts the downloads of what was just made; the page has a button for each as well.
"use strict";

// A reload is not to download them again.
history.replaceState(null, "", location.pathname);

document.querySelectorAll("[data-start]").forEach((link, number) => {
  // One after the other: browsers drop downloads that begin at the same moment.
  setTimeout(() => link.click(), 400 * number);
});
