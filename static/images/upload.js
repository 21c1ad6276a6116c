// Files dropped on the upload box, and a bar that shows how far they are. Without it: the plain form and its button.
for (const form of document.querySelectorAll("[data-upload]")) {
  const files = form.querySelector("input[name=pictures]");
  const state = form.querySelector("[data-upload-state]");
  const bar = state.querySelector("progress");
  const words = state.querySelector("small");
  form.querySelector("[data-upload-hint]").hidden = false;

  form.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.toggleAttribute("data-over", true);
  });
  form.addEventListener("dragleave", () => form.toggleAttribute("data-over", false));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.toggleAttribute("data-over", false);
    files.files = event.dataTransfer.files;
    if (files.files.length) form.requestSubmit();
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    const say = (text) => { words.textContent = text; };
    button.disabled = true;
    state.hidden = false;
    bar.value = 0;
    say(`Sending ${files.files.length} file${files.files.length === 1 ? "" : "s"} …`);
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", ({ loaded, total }) => { bar.value = (100 * loaded) / total; });
    request.upload.addEventListener("load", () => say("Sent; the files are being looked over …"));
    request.addEventListener("load", () => {
      if (request.status === 200) { location.assign(request.responseURL); return; }
      const error = new DOMParser().parseFromString(request.responseText, "text/html").querySelector(".error, .errorlist li");
      say(error ? error.textContent : `The server did not take it (${request.status}).`);
      button.disabled = false;
    });
    request.addEventListener("error", () => {
      say("The connection broke; nothing was taken in. Try again.");
      button.disabled = false;
    });
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
}
