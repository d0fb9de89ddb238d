// The document's rows are painted first: loading the rest would hold that up by a fifth.
const begin = () => import('./page.js');

if (document.hidden) begin(); // there will be no frame
else requestAnimationFrame(() => setTimeout(begin));
document.addEventListener('visibilitychange', begin, { once: true }); // nor if it is hidden meanwhile
