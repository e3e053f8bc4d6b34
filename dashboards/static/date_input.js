// A date field of the browser itself: it speaks the reader's language, works with keyboard and on phones.
export function render({ model, el }) {
  const label = document.createElement("label")
  const caption = document.createElement("span")
  const input = document.createElement("input")
  input.type = "date"
  input.required = true
  const show = () => {
    caption.textContent = model.label
    input.min = model.start
    input.max = model.end
    if (input.value !== model.value) { input.value = model.value }
  }
  const take = () => {
    if (input.value && input.checkValidity()) { model.value = input.value }
  }
  // While a date is typed the field holds half-written years, so typing counts when the field is left or Enter pressed.
  let typing = false
  input.addEventListener("keydown", (event) => {
    typing = event.key !== "Enter"
    if (event.key === "Enter") { take() }
  })
  input.addEventListener("change", () => { if (!typing) { take() } })
  input.addEventListener("pointerdown", () => { typing = false })
  input.addEventListener("blur", () => { typing = false; take(); show() })
  model.on(["label", "value", "start", "end"], show)
  label.append(caption, input)
  show()
  return label
}
