// Three steps for who is here for the first time: each frames a part of the page and says what it is for. It opens by
// itself once; the browser remembers that it was seen. Escape or "skip" ends it, the buttons go on and back.
const SEEN = "collectkit-tour"
const remembered = () => { try { return localStorage.getItem(SEEN) } catch { return null } }
const remember = () => { try { localStorage.setItem(SEEN, "seen") } catch { /* then it is shown again */ } }

const found = (selector, root = document) => {
  for (const element of root.querySelectorAll("*")) {
    if (element.matches(selector) && element.getClientRects().length) { return element }
    const inside = element.shadowRoot && found(selector, element.shadowRoot)
    if (inside) { return inside }
  }
  return null
}
const make = (tag, props = {}) => Object.assign(document.createElement(tag), props)

export function render({ model }) {
  const dialog = make("dialog")
  const frame = make("div", { className: "frame" })
  const title = make("h2", { id: "title" })
  const text = make("p")
  const count = make("p", { className: "count" })
  const skip = make("button", { className: "skip" })
  const back = make("button")
  const next = make("button", { className: "next", autofocus: true })
  const row = make("div", { className: "row" })
  row.append(skip, back, next)
  dialog.append(frame, count, title, text, row)
  dialog.setAttribute("aria-labelledby", "title")
  let step = 0
  const show = () => {
    const { steps, texts } = model
    const present = steps[step]
    title.textContent = present.title
    text.textContent = present.text
    count.textContent = `${step + 1} / ${steps.length}`
    skip.textContent = texts.skip
    back.textContent = texts.back
    back.disabled = step === 0
    next.textContent = step + 1 < steps.length ? texts.next : texts.done
    if (!dialog.open) { return }
    const part = found(present.part)
    frame.hidden = !part
    if (part) {
      part.scrollIntoView({ block: "nearest" })
      const { left, top, width, height } = part.getBoundingClientRect()
      Object.assign(frame.style, {
        left: `${left - 6}px`, top: `${top - 6}px`, width: `${width + 12}px`, height: `${height + 12}px`,
      })
    }
  }
  const open = () => { step = 0; dialog.showModal(); show(); next.focus() }
  const start = () => {
    if (remembered() || !dialog.isConnected) { return }
    if (document.getElementById("loader")) { setTimeout(start, 200) } else { open() }
  }
  back.addEventListener("click", () => { step -= 1; show(); next.focus() })
  next.addEventListener("click", () => { if (step + 1 < model.steps.length) { step += 1; show() } else { dialog.close() } })
  skip.addEventListener("click", () => dialog.close())
  dialog.addEventListener("close", remember)
  model.on(["steps", "texts"], show)
  model.on("msg:custom", open)
  show()
  setTimeout(start)
  return dialog
}
