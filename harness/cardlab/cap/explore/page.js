"use strict";
(() => {
  const most = 100;
  const query = document.getElementById("query");
  const hits = document.getElementById("hits");
  const known = Array.from(document.querySelectorAll("[data-find]"), (element) => ({
    name: element.dataset.find,
    folded: element.dataset.find.toLowerCase(),
    place: element.closest("[id]").id,
  }));

  const hit = (one) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = "#" + one.place;
    link.textContent = one.name;
    item.append(link);
    return item;
  };

  const search = () => {
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = words.length ? known.filter((one) => words.every((word) => one.folded.includes(word))) : [];
    hits.replaceChildren(...found.slice(0, most).map(hit));
    if (words.length && found.length !== Math.min(found.length, most)) {
      hits.append(`${found.length - most} more`);
    }
    if (words.length && !found.length) {
      hits.append("nothing found");
    }
    hits.hidden = !words.length;
  };

  const open = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) {
      return;
    }
    for (let one = target; one; one = one.parentElement) {
      if (one.tagName === "DETAILS") {
        one.open = true;
      }
    }
    target.scrollIntoView();
  };

  query.addEventListener("input", search);
  window.addEventListener("hashchange", open);
  open();
})();
