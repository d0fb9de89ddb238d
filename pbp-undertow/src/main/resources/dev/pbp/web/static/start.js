// The document's rows are painted first: loading the rest would hold that up by a fifth.
const page = document.documentElement.dataset.page;
const begin = () => import(`./${page}.js`);

if (document.hidden) begin(); // there will be no frame
else requestAnimationFrame(() => setTimeout(begin));
document.addEventListener('visibilitychange', begin, { once: true }); // nor if it is hidden meanwhile

// In the field of a new row Enter adds it, also while the rest is on its way.
document.getElementById('add-val')?.addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  const { form } = event.target;
  if (!form.querySelector('button').disabled) form.requestSubmit();
});
