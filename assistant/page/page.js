// Opens the release beside the chat when a marker is clicked, and does what gradio has no events for.
(() => {
  const panel = () => document.getElementById("release");
  let opener = null;
  let request = null;

  const passage = (b) => `${b.dataset.index}:${b.dataset.start}:${b.dataset.end}`;

  async function open(button) {
    const { release, version } = button.dataset;
    const others = [...(button.closest(".answer")?.querySelectorAll(".marker[data-release]") ?? [])].filter(
      (b) => b.dataset.release === release && b.dataset.version === version && passage(b) !== passage(button),
    );
    const asked = new URLSearchParams([
      ["release", release],
      ["version", version],
      ["opened", passage(button)],
      ...[...new Set(others.map(passage))].map((p) => ["other", p]),
    ]);
    request?.abort();
    request = new AbortController();
    show(button, '<p class="note-to-reader">Opening…</p>');
    try {
      const answer = await fetch(new URL(`panel?${asked}`, location.origin + location.pathname), {
        signal: request.signal,
      });
      show(button, await answer.text());
    } catch (error) {
      if (error.name === "AbortError") return;
      show(button, '<p class="note-to-reader">The release could not be fetched. Is the server still running?</p>');
    }
  }

  function show(button, html) {
    const sheet = panel().querySelector(".sheet");
    sheet.innerHTML = html;
    panel().classList.add("open");
    document.querySelectorAll(".opened").forEach((b) => b.classList.remove("opened"));
    const same = (b) => b.dataset.release === button.dataset.release && passage(b) === passage(button);
    const answer = button.closest(".answer");
    [...(answer?.querySelectorAll("[data-release]") ?? [])].filter(same).forEach((b) => b.classList.add("opened"));
    opener = button;
    sheet.querySelector("h2")?.focus({ preventScroll: true });
    const text = sheet.querySelector(".paragraphs");
    const target = text?.querySelector("mark.quote") ?? text?.querySelector(".cited");
    if (!target) return;
    const top = (e) => e.getBoundingClientRect().top - text.getBoundingClientRect().top;
    const paragraph = target.closest(".paragraph");
    // The paragraph's beginning where that leaves the quoted words in sight, else the words themselves.
    const far = top(target) - top(paragraph) > text.clientHeight / 2;
    text.scrollTop = far ? top(target) - text.clientHeight / 3 : top(paragraph) - text.clientHeight / 6;
  }

  function close() {
    if (!panel()?.classList.contains("open")) return;
    request?.abort();
    panel().classList.remove("open");
    panel().querySelector(".sheet").innerHTML = "";
    document.querySelectorAll(".opened").forEach((b) => b.classList.remove("opened"));
    if (opener?.isConnected) opener.focus();
    else document.querySelector("#box textarea")?.focus();
  }

  async function copy(button) {
    const text = button.dataset.copy;
    if (navigator.clipboard && window.isSecureContext) await navigator.clipboard.writeText(text);
    else {
      // Over plain http from another machine the browser offers no clipboard; a selection can still be copied.
      const field = Object.assign(document.createElement("textarea"), { value: text });
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
      button.focus();
    }
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1600);
  }

  function ask(question) {
    const field = document.querySelector("#box textarea");
    field.value = question;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    setTimeout(() => document.querySelector("#box .submit-button").click(), 50);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (!button) return;
    if (button.dataset.release) open(button);
    else if (button.matches("#release .close")) close();
    else if (button.matches(".copy")) copy(button);
    else if (button.matches(".example")) ask(button.textContent);
    else if (button.id === "anew") {
      // Loading the page anew also ends an answer that is still being made.
      localStorage.removeItem("communique");
      location.reload();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
  });

  // Enter that ends the composition of a Korean, Chinese or Japanese word is not yet the end of the question.
  for (const kind of ["keydown", "keypress"])
    document.addEventListener(kind, (e) => e.key === "Enter" && e.isComposing && e.stopPropagation(), true);

  // A new question goes to the top of the thread and stays there while its answer comes, unless the reader scrolls.
  let following = true;
  for (const kind of ["wheel", "touchmove", "pointerdown"])
    document.addEventListener(kind, (e) => e.target.closest?.("#thread") && (following = false), { passive: true });
  let question = "";
  new MutationObserver(() => {
    const latest = document.getElementById("latest");
    const thread = document.getElementById("thread");
    if (!latest || !thread) return;
    const asked = latest.querySelector(".question")?.textContent ?? "";
    const waiting = latest.querySelector(".waiting") !== null;
    // Read out when it is complete, not word for word as it comes.
    latest.ariaLive = "polite";
    latest.ariaBusy = String(waiting);
    if (asked !== question) following = true;
    question = asked;
    if (following && (waiting || asked)) thread.scrollTop += latest.getBoundingClientRect().top - thread.getBoundingClientRect().top;
    if (!waiting) following = false;
  }).observe(document.documentElement, { childList: true, subtree: true });
})();
