// Small drawings, in the colour of the text; screen readers pass over them.

const SHAPES = {
  phone: "M20 6h24a4 4 0 0 1 4 4v44a4 4 0 0 1-4 4H20a4 4 0 0 1-4-4V10a4 4 0 0 1 4-4zM28 52h8",
  card: "M6 16h52v32H6zM12 24h12v9H12zM12 40h30",
  read: "M14 4h18a3 3 0 0 1 3 3v30a3 3 0 0 1-3 3H14a3 3 0 0 1-3-3V7a3 3 0 0 1 3-3zM20 46h36v14H20zM42 12a14 14 0 0 1 0 20M48 7a22 22 0 0 1 0 30",
  finger: "M32 8a18 18 0 0 1 18 18v14M32 8a18 18 0 0 0-18 18v14M32 17a9 9 0 0 1 9 9v18M32 17a9 9 0 0 0-9 9v18M32 26v26",
  lock: "M16 28h32v28H16zM22 28v-8a10 10 0 0 1 20 0v8M32 38v8",
  service: "M6 22 32 6l26 16zM12 26v22M25 26v22M39 26v22M52 26v22M6 54h52",
  done: "M32 6a26 26 0 1 0 .1 0zM20 32l9 10 16-19",
  document: "M16 6h22l10 10v42H16zM24 24h16M24 34h16M24 44h10",
};

export function picture(name) {
  const space = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(space, "svg"), path = document.createElementNS(space, "path");
  drawing.setAttribute("viewBox", "0 0 64 64");
  drawing.setAttribute("class", "picture");
  drawing.setAttribute("aria-hidden", "true");
  path.setAttribute("d", SHAPES[name]);
  drawing.append(path);
  return drawing;
}
