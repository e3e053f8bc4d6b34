// Links to the pages: real ones, so that they open in a new tab, but a plain click changes the page in place.
export function render({ model }) {
  const nav = document.createElement("nav")
  const show = () => {
    nav.setAttribute("aria-label", model.label)
    nav.replaceChildren(...model.items.map(({ name, label, href }) => {
      const link = document.createElement("a")
      link.textContent = label
      link.href = href
      if (name === model.value) { link.setAttribute("aria-current", "page") }
      link.addEventListener("click", (event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) { return }
        event.preventDefault()
        model.value = name
      })
      return link
    }))
  }
  model.on(["items", "label", "value"], show)
  show()
  return nav
}
