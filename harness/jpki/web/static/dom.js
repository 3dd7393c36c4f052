// Elements are made of text only, never of markup: what others wrote stays text.

export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat(Infinity).filter(one => one !== null && one !== undefined && one !== false));
  return made;
}

// The same in Japanese and, beside it, in English.
export const t = (ja, en) => [`${ja} `, el("span", { class: "en", lang: "en" }, en)];
export const words = one => (one.ja === one.en ? [one.ja] : t(one.ja, one.en));

export const button = (ja, en, act, kind = "") =>
  el("button", { type: "button", class: kind, onclick: act }, t(ja, en));

export async function post(path, content) {
  const answer = await fetch(path, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(content ?? {}),
  });
  return { ok: answer.ok, told: await answer.json().catch(() => ({ text: `HTTP ${answer.status}` })) };
}
