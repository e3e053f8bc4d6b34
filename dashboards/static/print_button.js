// A button that prints the page as it stands: on light ground, without controls, charts and tables scaled to the paper.
// The rules have to stand in every shadow root; they are brought there when printing begins, by button or by keyboard.
const PAPER = 1430 // width of the sheet between its margins, as print.css makes it [pixels]
const FRAME = 40 // of a card around a table

const everywhere = function* (root = document) {
  yield root
  for (const element of root.querySelectorAll("*")) {
    if (element.shadowRoot) { yield* everywhere(element.shadowRoot) }
  }
}
const text = (words) => `"${words.replace(/[\\"]/g, "\\$&").replace(/\s+/g, " ")}"`
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

// A picture of fixed size becomes one that scales; a table too wide for the paper is made smaller.
const fit = (root, share) => {
  for (const svg of root.querySelectorAll(".main-svg")) {
    svg.setAttribute("viewBox", `0 0 ${svg.getAttribute("width")} ${svg.getAttribute("height")}`)
  }
  for (const table of root.querySelectorAll(".tabulator")) {
    const wide = Math.max(...[...table.querySelectorAll(".tabulator-table, .tabulator-headers")].map((e) => e.scrollWidth))
    table.style.setProperty("--print-zoom", Math.min(1, (share * (table.clientWidth + FRAME) - FRAME) / wide))
  }
}

export function render({ model }) {
  const sheet = new CSSStyleSheet()
  const before = () => {
    sheet.replaceSync(`${model.rules} @page {
      @bottom-left { content: ${text(model.note)}; font: 12px sans-serif; color: #555; }
      @bottom-right { content: counter(page) " / " counter(pages); font: 12px sans-serif; color: #555; } }`)
    const share = Math.min(1, PAPER / window.innerWidth)
    for (const root of everywhere()) {
      if (!root.adoptedStyleSheets.includes(sheet)) { root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet] }
      fit(root, share)
    }
  }
  const print = async () => {
    model.printing = true
    while (model.theme !== "light") { await pause(50) }
    await pause(model.wait)
    window.print()
    model.printing = false
  }
  const button = document.createElement("button")
  const show = () => { button.textContent = model.label }
  // The browser's own command waits for nobody, so the keys do what the button does.
  const keys = (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "p") {
      event.preventDefault()
      print()
    }
  }
  button.addEventListener("click", print)
  window.addEventListener("keydown", keys)
  window.addEventListener("beforeprint", before)
  model.on("label", show)
  model.on("remove", () => {
    window.removeEventListener("beforeprint", before)
    window.removeEventListener("keydown", keys)
  })
  show()
  return button
}
