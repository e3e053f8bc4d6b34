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

export function render({ model }) {
  const root = document.createElement("div")
  const box = document.createElement("div")
  root.className = box.className = "chart"
  root.append(box)
  box.setAttribute("role", "img")
  let drawn = null
  const show = async () => {
    box.setAttribute("aria-label", model.label)
    if (!model.figure) { return }
    const Plotly = await plotly(model.source)
    if (!drawn) { root.prepend(styles()) }
    const { data, layout } = JSON.parse(model.figure)
    drawn = Plotly
    await Plotly.react(box, data, layout, model.config)
  }
  const resized = new ResizeObserver(() => { if (drawn && box.offsetWidth) { drawn.Plots.resize(box) } })
  resized.observe(box)
  model.on(["figure", "label", "config"], show)
  model.on("remove", () => { resized.disconnect(); if (drawn) { drawn.purge(box) } })
  show()
  return root
}
