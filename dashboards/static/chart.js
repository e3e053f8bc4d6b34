// Draws a figure of collectkit.charts. Panel's own pane is restyled by the component library at its first drawing and
// keeps the page waiting for plotly; here plotly runs once the rest is painted and the figure stays as it was made.
const idle = () => new Promise((resolve) => requestIdleCallback(resolve, { timeout: 200 }))
const plotly = (source) => (window.collectkitPlotly ??= idle().then(() => new Promise((resolve, reject) => {
  const script = document.createElement("script")
  script.src = source
  script.onload = () => resolve(window.Plotly)
  script.onerror = reject
  document.head.append(script)
})))

// Plotly writes its styles into the document, where a shadow root does not see them.
const styles = () => {
  const style = document.createElement("style")
  const rules = document.getElementById("plotly.js-style-global").sheet.cssRules
  style.textContent = [...rules].map((rule) => rule.cssText).join("\n")
  return style
}

const HEADING = 56 // pixels above a picture
const NARROW = 480 // pixels of a chart on a small screen

// What a trace says of itself for a small screen, such as shorter texts.
const narrowed = (data) => data.map((trace) => ({ ...trace, ...trace.meta?.narrow }))

// The point that was clicked, as plain values; the count makes a second click on the same point a new one.
let clicks = 0
const point = ({ points: [{ curveNumber, pointNumber, x, y, z, customdata, data }] }) =>
  JSON.parse(JSON.stringify({ count: ++clicks, curve: curveNumber, point: pointNumber, name: data.name, x, y, z, customdata }))

export function render({ model }) {
  const root = document.createElement("div")
  const box = document.createElement("div")
  root.className = box.className = "chart"
  root.append(box)
  box.setAttribute("role", "figure")
  let drawn = null
  let waiting = false
  let wasNarrow = false
  const isNarrow = () => box.offsetWidth < NARROW
  const tell = () => { box.setAttribute("aria-label", model.label) }
  const isSeen = () => {
    const { top, bottom } = box.getBoundingClientRect()
    return bottom > 0 && top < window.innerHeight
  }
  // What is seen is drawn first: charts further down wait until the browser has nothing else to do.
  const show = async () => {
    if (!model.figure || waiting) { return }
    waiting = true
    const Plotly = await plotly(model.source)
    if (!isSeen()) { await idle() }
    waiting = false
    if (!drawn) { root.prepend(styles()) }
    const { data, layout } = JSON.parse(model.figure)
    const first = !drawn
    drawn = Plotly
    wasNarrow = isNarrow()
    await Plotly.react(box, wasNarrow ? narrowed(data) : data, layout, model.config)
    for (const svg of box.querySelectorAll(".main-svg")) { svg.setAttribute("aria-hidden", "true") } // the label says it
    if (first) { box.on("plotly_click", (event) => { model.clicked = point(event) }) }
    box.classList.toggle("clickable", model.clickable)
  }
  // A picture stands on its own: on a ground, with its heading above.
  const save = async ({ format, filename, title, ground }) => {
    const { data, layout } = JSON.parse(model.figure)
    const Plotly = await plotly(model.source)
    const width = Math.max(box.offsetWidth, 800)
    const height = layout.height + HEADING
    const heading = { text: title, font: { size: 15 }, x: 24 / width, xref: "container", xanchor: "left",
      y: 1 - 18 / height, yref: "container", yanchor: "top" }
    const margin = { ...layout.margin, t: layout.margin.t + HEADING, l: 24, r: 24, b: 24 }
    const picture = { data, layout: { ...layout, height, paper_bgcolor: ground, margin, title: heading } }
    await Plotly.downloadImage(picture, { format, filename, width, height, scale: format === "png" ? 2 : 1 })
  }
  const resized = new ResizeObserver(() => {
    if (!drawn || !box.offsetWidth) { return }
    if (isNarrow() !== wasNarrow) { show() } else { drawn.Plots.resize(box) }
  })
  resized.observe(box)
  model.on("label", tell)
  model.on(["figure", "config"], show)
  model.on("msg:custom", save)
  model.on("remove", () => { resized.disconnect(); if (drawn) { drawn.purge(box) } })
  tell()
  show()
  return root
}
