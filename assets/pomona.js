// Niceties only: every page works without this file.
"use strict";
document.querySelectorAll("[data-copy]").forEach((button) => {
  const source = document.getElementById(button.dataset.copy);
  if (!source || !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.textContent.trim());
    button.lastChild.textContent = "Copied";
  });
});
const menus = () => document.querySelectorAll("details.menu[open]");
document.addEventListener("click", (event) => {
  menus().forEach((menu) => menu.contains(event.target) || (menu.open = false));
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    menus().forEach((menu) => {
      menu.open = false;
      menu.querySelector("summary").focus();
    });
  }
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "/" && !typing && !event.metaKey && !event.ctrlKey && !event.altKey) {
    const search = document.getElementById("search");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});

// The editor: the list of settings is filtered while one types.
document.querySelectorAll("[data-catalogue]").forEach((box) => {
  const query = box.querySelector("[name=add_q]");
  if (!query) return;
  const [os, supervised, set] = ["add_os", "add_supervised", "add_set"].map((name) => box.querySelector(`[name=${name}]`));
  const count = box.querySelector("[data-count]");
  const groups = [...box.querySelectorAll("[data-group]")].map((node) => ({
    node,
    open: node.open ?? true,
    rows: [...node.querySelectorAll("li")].map((row) => ({
      row,
      text: `${row.textContent} ${row.dataset.w}`.toLowerCase(),
      os: row.dataset.os.split(" "),
      supervised: "sup" in row.dataset,
      old: "old" in row.dataset,
      set: "set" in row.dataset,
      hidden: row.hidden,
    })),
  }));
  const show = (group) => group.rows.forEach((one) => one.row.hidden !== one.hidden && (one.row.hidden = one.hidden));
  groups.forEach((group) => group.node.addEventListener("toggle", () => show(group)));
  const total = groups.reduce((sum, group) => sum + group.rows.length, 0);
  const filter = () => {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const group of groups) {
      let some = false;
      for (const one of group.rows) {
        const found = words.length > 0 && words.every((word) => one.text.includes(word));
        const hidden =
          (words.length > 0 && !found) ||
          (os.value && !one.os.includes(os.value)) ||
          (supervised.checked && !one.supervised) ||
          (one.old && !found) ||
          (one.set && !set.checked && !found);
        one.hidden = Boolean(hidden);
        if (!hidden) {
          some = true;
          shown += 1;
        }
      }
      if (group.node.hidden === some) group.node.hidden = !some;
    }
    // To lay out hundreds of rows at once takes longer than a key press should: a single letter unfolds nothing, and
    // what is folded is brought up to date when it is unfolded.
    const unfold = words.length > 0 && shown <= 80;
    for (const group of groups) {
      const open = unfold || group.open;
      if (!group.node.hidden && group.node.open !== open && "open" in group.node) group.node.open = open;
      if (!group.node.hidden && open) show(group);
    }
    count.textContent = `${shown} of ${total} settings`;
  };
  [query, os, supervised, set].forEach((field) => field.addEventListener("input", filter));
  query.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
});
// The editor: a draft saves itself a moment after a change. Whatever the server does not take stays on the page,
// and the Save button shows why.
document.querySelectorAll("[data-editor]").forEach((form) => {
  const said = form.querySelector("[data-saved]");
  const own = (field) => field.name && !/^(add_|a:|k:|domain$|often$|csrf$)/.test(field.name);
  const valuesOf = (data, path) => JSON.stringify([data.getAll(`v:${path}`), data.getAll(`i:${path}`)]);
  const strip = (text) => text.replace(/\r\n/g, "\n");
  let timer = 0;
  let running = null;
  let dirty = false;
  const read = (root) => {
    const data = new Map();
    root.querySelectorAll("input, select, textarea").forEach((field) => {
      if (!field.name || (/radio|checkbox/.test(field.type) && !field.checked)) return;
      const key = field.name.slice(0, 2) === "l:" ? "" : field.name;
      if (key) data.set(key, [...(data.get(key) || []), strip(field.value)]);
    });
    return { getAll: (name) => (data.get(name) || []).filter((value, n) => value || name[0] === "v" || !n) };
  };
  const paths = () => [...form.querySelectorAll("[data-row]")].map((row) => row.dataset.row);
  const first = read(form);
  const before = new Map(paths().map((path) => [path, valuesOf(first, path)]));
  // Takes over the marks of rows that were stored as they stand here, and what was found about them. A row that
  // somebody else changed keeps its mark: it is not overwritten unseen.
  const settle = (page, sent) => {
    const now = read(page);
    page.querySelectorAll("[data-row]").forEach((fresh) => {
      const path = fresh.dataset.row;
      const row = form.querySelector(`[data-row="${CSS.escape(path)}"]`);
      if (!row) return;
      const silent = row.querySelector("input[type=password], input[type=file]");
      const own = silent && silent.closest("[data-row]") === row;
      if (own && silent.value && !row.contains(document.activeElement)) {
        row.replaceWith(document.importNode(fresh, true));
        return;
      }
      const mark = (root) => root.querySelector(`:scope > input[name="${CSS.escape(`w:${path}`)}"]`);
      const stands = valuesOf(sent, path);
      if (mark(row) && mark(fresh) && (own || stands !== before.get(path) || stands === valuesOf(now, path))) {
        before.set(path, stands);
        mark(row).value = mark(fresh).value;
        const [old, found] = [row, fresh].map((r) => r.querySelector(":scope > .how > .found"));
        if (old && found) old.replaceWith(document.importNode(found, true));
      }
    });
  };
  const save = async () => {
    clearTimeout(timer);
    timer = 0;
    if (running) await running;
    if (!dirty) return true;
    dirty = false;
    const sent = read(form);
    said.textContent = "Saving…";
    running = fetch(form.action, { method: "POST", body: new FormData(form), credentials: "same-origin" })
      .then(async (answer) => {
        if (answer.redirected && new URL(answer.url).pathname.endsWith("/signin")) throw new Error("signed out");
        if (answer.ok) {
          settle(new DOMParser().parseFromString(await answer.text(), "text/html"), sent);
          const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
          said.textContent = `Saved ${time}, not published`;
          return true;
        }
        dirty = true;
        said.textContent =
          answer.status === 409
            ? "Somebody else changed this too. Press Save to see both."
            : "Not everything is saved: something needs attention. Press Save to see it.";
        return false;
      })
      .catch(() => {
        dirty = true;
        said.textContent = "Not saved: the server cannot be reached. Press Save to try again.";
        return false;
      })
      .finally(() => (running = null));
    return running;
  };
  form.addEventListener("input", (event) => {
    if (!own(event.target) || form.querySelector(".clash")) return;
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, 1200);
  });
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    dirty = false;
  });
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    const plain = !event.defaultPrevented && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!dirty || !link || !plain || link.target || link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    if (await save()) location.assign(link.href);
  });
  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
});
