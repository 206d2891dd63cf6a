"use strict";
// Appended to a report by the browser test: uses everything a reader can use and says in the page how it went.
addEventListener("error", event => { document.documentElement.dataset.fault = event.message; });
addEventListener("unhandledrejection", event => { document.documentElement.dataset.fault = String(event.reason); });
{
  const drawn = performance.now(), faults = [], saved = [], expect = (good, what) => { if (!good) faults.push(what); };
  const blobs = new Map(), make = URL.createObjectURL;
  window.Blob = class extends Blob { constructor(parts, options) { super(parts, options); this.words = parts.join(""); } };
  URL.createObjectURL = blob => { const url = make.call(URL, blob); blobs.set(url, blob); return url; };
  HTMLAnchorElement.prototype.click = function () { saved.push({name: this.download, text: blobs.get(this.href).words}); };
  const key = (element, name) => element.dispatchEvent(new KeyboardEvent("keydown", {key: name, bubbles: true, cancelable: true}));
  const pointer = (element, type, x, y) => element.dispatchEvent(new PointerEvent(type, {clientX: x, clientY: y, pointerId: 1, bubbles: true}));
  const section = title => [...document.querySelectorAll("section")].find(s => s.querySelector("h2").textContent === title);

  // The legend of the structure follows the buttons that are pressed.
  const legends = [...document.querySelectorAll("main .legend > li")].filter(item => item.closest("section") !== section("Structure")).map(item => item.textContent);
  // Every button, chooser, box and slider, of every panel.
  for (const details of document.querySelectorAll("details")) details.open = true;
  for (const element of document.querySelectorAll("main button")) element.click();
  for (const element of document.querySelectorAll("main select")) for (const option of element.options) {
    element.value = option.value;
    element.dispatchEvent(new Event("change"));
  }
  for (const element of document.querySelectorAll("main input[type=checkbox]")) for (const checked of [true, false]) {
    element.checked = checked;
    element.dispatchEvent(new Event("change"));
  }
  for (const element of document.querySelectorAll("main input[type=range]")) for (const value of [element.min, element.max]) {
    element.value = value;
    element.dispatchEvent(new Event("input"));
  }
  for (const svg of document.querySelectorAll("main .figure svg")) {
    const box = svg.getBoundingClientRect();
    for (let k = 1; k < 12; ++k) pointer(svg, "pointermove", box.left + box.width * k / 12, box.top + box.height * k / 12);
    pointer(svg, "pointerleave", 0, 0);
  }
  for (const place of document.querySelectorAll(".turn")) {
    const before = place.querySelector("svg").outerHTML;
    key(place, "ArrowLeft");
    expect(place.querySelector("svg").outerHTML !== before, "an arrow key turns nothing");
    pointer(place, "pointermove", 300, 300);
  }
  for (const mark of document.querySelectorAll("main .figure [tabindex='0']")) {
    mark.focus();
    expect(mark.getAttribute("aria-label"), "a mark without a name");
  }
  key(document.body, "Escape");
  expect(document.getElementById("tip").hidden, "Escape leaves the tooltip");

  // A table is sorted by its head and filtered by its box.
  const list = section("Stable and near-stable phases");
  if (list) {
    const rows = () => list.querySelectorAll("tbody tr").length, all = rows(), words = list.querySelector("input[type=search]");
    const head = [...list.querySelectorAll("th button")].find(b => b.textContent.startsWith("E form"));
    const column = [...list.querySelectorAll("th")].indexOf(head.closest("th"));
    const values = () => [...list.querySelectorAll("tbody tr")].map(tr => parseFloat(tr.cells[column].textContent.replace("−", "-")));
    for (const word of ["ascending", "descending"]) {
      head.click();
      if (head.closest("th").getAttribute("aria-sort") !== word) head.click();
      expect(head.closest("th").getAttribute("aria-sort") === word, "a head does not say " + word);
      const sorted = values();
      expect(sorted.every((v, k) => !k || (word === "ascending" ? sorted[k - 1] <= v + 0.11 : sorted[k - 1] >= v - 0.11)), "not sorted " + word);
    }
    words.value = "no such entry";
    words.dispatchEvent(new Event("input"));
    expect(rows() === 0, "the filter keeps rows");
    words.value = "";
    words.dispatchEvent(new Event("input"));
    expect(rows() === all, "the filter loses rows");
    const show = [...list.querySelectorAll("tbody button")].pop();
    if (show) {
      const id = show.getAttribute("aria-label").replace("show the structure of ", "");
      show.click();
      expect(section("Structure").querySelector("strong").textContent.endsWith(id), "the structure of another entry is shown");
    }
  }
  // Every figure gives its numbers and its picture.
  {
    const figures = document.querySelectorAll("main .figure").length, pictures = saved.filter(f => f.name.endsWith(".svg")), tables = saved.filter(f => f.name.endsWith(".csv"));
    expect(pictures.length === figures, `${figures} figures, ${pictures.length} pictures`);
    expect(tables.length >= figures, `${figures} figures, ${tables.length} tables`);
    for (const file of pictures) {
      const text = file.text, parsed = new DOMParser().parseFromString(text, "image/svg+xml");
      expect(!parsed.querySelector("parsererror") && parsed.documentElement.getAttribute("width") > 0, file.name + " is not an SVG");
      expect(!text.includes("var("), file.name + " needs a style sheet");
    }
    const pictured = pictures.map(file => new DOMParser().parseFromString(file.text, "image/svg+xml").documentElement.textContent);
    for (const text of legends) expect(pictured.some(words => words.includes(text)), "no picture has the legend \"" + text + "\"");
    for (const file of tables) {
      const lines = file.text.trim().split("\n");
      expect(lines.length > 1 || !list || file.name.includes("configurations-of"), file.name + " has no rows");
    }
    expect(document.documentElement.scrollWidth <= innerWidth + 1, "the page is wider than the window");
    expect(!document.documentElement.dataset.fault, "error: " + document.documentElement.dataset.fault);
    document.documentElement.dataset.used = faults.length ? "faults: " + faults.join("; ") : "well";
    document.documentElement.dataset.milliseconds = Math.round(drawn);
  }
}
