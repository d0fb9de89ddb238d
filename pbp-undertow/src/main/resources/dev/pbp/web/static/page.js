// Made from client/page by client/build.js; not to be edited.
import{connect as St}from"./pbp.js";var H=new URL("../api/_channels",import.meta.url).href,ft=50,mt=100,A={first:1e3,most:3e4,good:5e3},T=class extends EventTarget{names=null;problem="";kept=[];#i;#e=null;#s=null;#n=null;#t=null;#o=!1;constructor(t){
super(),this.#i=t,t.addEventListener("state",()=>this.#h())}#h(){let{phase:t,role:e}=this.#i.state;this.#c(e!=="alone"&&
t!=="paused"&&t!=="closed");let s=t==="live"&&e!=="follower";s&&!this.#t?(this.#t=new AbortController,this.#m(e==="alone"?
[this.#p,this.#l]:[this.#l],this.#t.signal)):s||(this.#t?.abort(),this.#t=null),t==="live"&&e==="follower"&&this.#f().catch(
n=>this.#d(n.message))}#c(t){t!==!!this.#e&&(this.#e?.close(),this.#e=t?new BroadcastChannel(`pbp channels ${H}`):null,this.#e&&
(this.#e.onmessage=({data:e})=>this.#a(e),this.#e.postMessage({hello:!0})))}#a({hello:t,kept:e,place:s,problem:n,message:o}){
if(t){this.#t&&this.#e.postMessage({kept:this.kept,place:this.#s,problem:this.problem});return}this.#t||(e&&this.#s===null&&
e.forEach(r=>this.#w(r.place,r.message,!1)),o&&this.#w(s,o),s&&(this.#s=s),n!==void 0&&this.#d(n))}async#f(){if(this.names)
return;let t=await fetch(`${H}/names`);if(!t.ok)throw new Error(`the names of the channels: ${t.status}`);this.names=(await t.
json()).slice(0,mt),this.dispatchEvent(new Event("state"))}async#m(t,e){for(let s=A.first;!e.aborted;s=Math.min(2*s,A.most)){
let n=performance.now();try{if(await this.#f(),e.throwIfAborted(),this.names?.length===0)return;let o=new URLSearchParams(
this.names?.map(r=>["channel",r]));this.#o=!1,await t[0].call(this,`${H}?${o}`,e)}catch(o){if(e.aborted)return;this.#r({
problem:o.message}),this.#o||t.push(t.shift())}performance.now()-n>A.good&&(s=A.first),await new Promise(o=>setTimeout(o,
s*(.5+Math.random()/2)))}}async#l(t,e){if(this.#s===null){let s=await fetch(`${t}&wait=0`,{signal:e});if(!s.ok)throw new Error(
`${s.status} ${s.statusText}`);this.#r({place:s.headers.get("PBP-Cursor")})}await new Promise((s,n)=>{let o=new EventSource(
`${t}&cursor=${this.#s}`);o.onopen=()=>{this.#o=!0,this.#r({place:this.#s,problem:null})},o.onmessage=({data:r,lastEventId:h})=>this.#r(
{place:h||null,message:JSON.parse(r)}),o.onerror=()=>{o.close(),n(new Error("the connection was lost"))},e.addEventListener(
"abort",o.onerror)})}async#p(t,e){await new Promise((s,n)=>{let o=new URL(t);o.protocol=o.protocol.replace("http","ws");
let r=new WebSocket(o);r.onopen=()=>{this.#o=!0,this.#n&&this.#r({message:{gap:{reason:"reconnected",since:this.#n}}}),this.#r(
{problem:null})},r.onmessage=({data:h})=>this.#r({message:JSON.parse(h)}),r.onclose=()=>{this.#o&&(this.#n=new Date().toISOString()),
n(new Error("the connection was lost"))},e.addEventListener("abort",()=>r.close())})}#r({place:t=null,problem:e=void 0,message:s=null}){
this.#e?.postMessage({place:t,problem:e,message:s}),s&&this.#w(t,s),t&&(this.#s=t),e!==void 0&&this.#d(e)}#d(t){this.problem=
t,this.dispatchEvent(new Event("state"))}#w(t,e,s=!0){t&&this.kept.some(n=>n.place===t)||(this.kept.push({place:t,message:e}),
this.kept.length>ft&&this.kept.shift(),this.dispatchEvent(new CustomEvent("heard",{detail:{message:e,fresh:s}})))}};var N=class{#i;#e;#s;#n;#t;#o;#h="";constructor(t,e,{save:s,cancel:n}){this.#i=t,this.#e=document.createElement("span"),
this.#e.className="editor-cell",this.#e.setAttribute("role","gridcell");let o=document.getElementById("editor-template");
this.#e.append(o.content.cloneNode(!0)),this.#s=this.#e.querySelector("form"),this.#n=this.#e.querySelector("textarea"),
this.#t=this.#e.querySelector(".meanwhile"),this.#n.setAttribute("aria-label",`val of ${e}`),this.#s.addEventListener("s\
ubmit",r=>{r.preventDefault(),s(this.#n.value,this.#o)}),this.#s.querySelector(".cancel").addEventListener("click",n),this.#s.
addEventListener("keydown",r=>{r.key==="Escape"?n():r.key==="Enter"&&r.target===this.#n&&!r.shiftKey&&!r.isComposing&&(r.
preventDefault(),this.#s.requestSubmit())})}open(t,e,s){this.#o=e,this.#n.value=t,this.#h=e.val,this.#i.classList.add("e\
diting"),this.#i.append(this.#e),s&&this.#c(s),this.#n.focus(),this.#n.select()}meanwhile(t){let e=t.val!==this.#o.val;this.#o=
t,e&&this.#c(t)}get changed(){return this.#n.value!==this.#h}gone(){this.#t.textContent="Somebody has deleted this row m\
eanwhile.",this.#t.hidden=!1}close(){this.#e.remove(),this.#i.classList.remove("editing")}#c(t){this.#t.textContent=`Mea\
nwhile it has become: ${t.val}`,this.#t.hidden=!1}};var M=class{#i;#e;#s=new Set;constructor(t,e){this.#i=t,this.#e=e}append(t){let e=[];for(let s=0;s<t.length;s+=20){let n=this.#n();
n.append(...t.slice(s,s+20)),this.#s.add(n),e.push(n)}this.#i.append(...e)}place(t,e){let s=e?.parentElement??this.#i.lastElementChild,
n=s&&e===s.firstElementChild&&s.childElementCount>=20;if(!s||n){let o=this.#n();o.append(t),this.#i.insertBefore(o,s)}else
s.insertBefore(t,e??null);this.touch(t)}touch(t){this.#s.add(t.parentElement)}remove(t){let e=t.parentElement;t.remove(),
this.#s.add(e),e.hasChildNodes()||e.remove()}settle(t=!1){let e=t?[...this.#i.children]:[...this.#s];this.#s.clear();for(let s of e){
for(;s.children.length>40;){let n=this.#n();n.append(...[...s.children].slice(-20)),s.after(n),this.#t(n)}this.#t(s)}}#n(){
let t=document.createElement("div");return t.className="block",t.setAttribute("role","rowgroup"),t}#t(t){let e=[...t.children].
filter(({hidden:s})=>!s).length;t.hidden=e===0,t.style.containIntrinsicBlockSize=`auto ${e*this.#e}rem`}};var W=/[\p{Cc}\p{Cf}]/gu,J=/[\t\n\r\u200c\u200d\u{e0000}-\u{e0fff}]/u;function y(i,t){let e=[...t.matchAll(W)].filter(([
o])=>!J.test(o));if(e.length===0){(i.textContent!==t||i.firstElementChild)&&(i.textContent=t);return}let s=[],n=0;for(let{
0:o,index:r}of e){let h=document.createElement("span");h.className="control",h.textContent=G(o),s.push(t.slice(n,r),h),n=
r+o.length}i.replaceChildren(...s,t.slice(n))}function v(i){return String(i).replace(W,t=>J.test(t)?t:G(t))}function G(i){
return`U+${i.codePointAt(0).toString(16).toUpperCase().padStart(4,"0")}`}function p(i,t){return`${x(i)} ${t}${i===1?"":"\
s"}`}function x(i){return String(i).replace(/\B(?=(\d{3})+$)/g,",")}var pt=100,wt=7e3,Y={ArrowDown:1,ArrowUp:-1,PageDown:10,PageUp:-10,Home:-1/0,End:1/0},I=class extends EventTarget{order=[];elements=new Map;leaving=new Map;live=null;rows=new Map;ready=!1;#i="";#e;#s;#n;#t;#o;#h;#c=new AbortController;#a=new Map;#f=[];#m=!1;#l=!1;#p=!1;#r=null;#d=null;#w=document.
getElementById("actions-template").content.firstElementChild;constructor(t,e,s,n,o){super(),this.#s=t,this.#e=e,this.#t=
s,this.#o=n,this.#h=o,this.#n=new M(e,s.height);for(let r of e.querySelectorAll(".row"))this.elements.set(Q(r.dataset.key),
r);this.order=[...this.elements.keys()],this.#B()}attach(t,e,s,n=t.ready){this.#c.abort(),this.#c=new AbortController;let{
signal:o}=this.#c;this.live=t,this.rows=s,this.#i=e,this.ready=this.#l=!1,this.#a=new Map,this.#s.setAttribute("aria-bus\
y","true"),t.addEventListener("transaction",({detail:r})=>this.#k(r),{signal:o}),t.addEventListener("write",({detail:r})=>{
r.table===e&&(this.#a.has(r.key)||this.#a.set(r.key,r.stage==="saved"?"saved":"mark"),this.request())},{signal:o}),n.then(
()=>{if(!o.aborted){this.ready=!0;for(let r of s.keys())this.#a.has(r)||this.#a.set(r,"insert");this.#s.setAttribute("ar\
ia-busy","false"),this.request()}})}get unsent(){return(this.live?.writing??0)+this.leaving.size}get current(){return this.#r}get editing(){
return[...this.elements.values()].some(({editor:t})=>t?.changed)}#k({changes:t}){for(let{table:e,op:s,key:n,was:o}of t)e===
this.#i&&(o!==void 0&&this.#M(o,n),this.#a.set(n,this.#a.get(n)==="insert"&&s==="update"?"insert":s));this.request()}request(){
this.#p||(this.#p=!0,requestAnimationFrame(()=>this.#A()))}#A(){this.#p=!1;let t=this.#a;this.#a=new Map,this.ready&&!this.#l&&
this.order.filter(s=>!this.rows.has(s)).forEach(s=>this.#E(s));let e=[];for(let[s,n]of t){let o=this.rows.get(s);o?(this.
elements.has(s)||(this.elements.set(s,this.#t.template.cloneNode(!0)),e.push(s)),this.#N(s,o,n)):this.#E(s)}if(this.#I(e),
this.#n.settle(!this.#l),this.#l){let s=[...t].filter(([n,o])=>o!=="mark"&&!this.live.pending(this.#i,n));this.#D(s.map(
([n])=>n).filter(n=>this.elements.has(n))),this.#o.changes(s,([n,o])=>this.#T(n,o))}this.#l=this.ready,this.#g()}#T(t,e){
let s=this.rows.get(t),n=this.#t.name(t),o={insert:"added",update:"changed",saved:"saved"}[e];return s?`${S(n)} ${o}: ${this.#t.
tells(s)}.`:`${S(n)} deleted.`}#N(t,e,s){let n=this.elements.get(t);n.dataset.key=n.key=t,n.classList.toggle("pending",this.
live.pending(this.#i,t)),this.#t.draw(n,e,t),this.#L(n,t),s!=="mark"&&n.editor?.meanwhile(e),this.#v(n,t)}#v(t,e){let s=this.
leaving.has(e)||!t.editor&&this.#t.hides(t);t.hidden!==s&&(t.hidden=s,t.isConnected&&this.#n.touch(t))}#E(t){let e=this.
elements.get(t);if(!e)return;if(e.editor){e.editor.gone();return}this.leaving.get(t)?.undo();let s=this.order.indexOf(t);
this.#r===t&&this.#C(t,e.contains(document.activeElement)),this.order.splice(s,1),this.elements.delete(t),this.#d===e&&(this.#d=
null),this.#n.remove(e)}#C(t,e){let s=this.#S(),n=s.indexOf(t);this.#u(s[n+1]??s[n-1]??null,e),e&&this.#r===null&&this.#t.
left()}#M(t,e){let s=this.elements.get(t);if(this.#a.delete(t),!s)return;this.#E(e),this.elements.delete(t),this.elements.
set(e,s),s.dataset.key=s.key=e;let n=this.order.indexOf(t);this.order[n]=e,this.#t.arrange?.(),this.#b();let o=this.order.
indexOf(e);o!==n&&(this.#n.remove(s),this.#n.place(s,this.elements.get(this.order[o+1])),this.#n.settle()),this.#r===t&&
(this.#r=e)}#b(){this.order.sort((t,e)=>this.#t.compare(t,e))}#I(t){this.#t.arrange?.();let e=new Set(t),s=document.activeElement;
if(this.#t.sorts){let n=new Map(this.order.map((r,h)=>[r,h]));this.order=this.order.concat(t),this.#b();let o=gt(this.order.
map(r=>n.get(r)??-1));for(let r of this.order)!n.has(r)||o.has(n.get(r))||(e.add(r),this.#n.remove(this.elements.get(r)))}else
t.length>0&&(this.order=this.order.concat(t),this.#b());if(e.size>0){let n=this.order.slice(this.order.length-e.size);n.
every(o=>e.has(o))?this.#n.append(n.map(o=>this.elements.get(o))):this.#q(e),this.#e.contains(s)&&document.activeElement!==
s&&s.focus()}this.#r===null&&this.#u(this.#$(),!1)}#q(t){let e;for(let s=this.order.length-1;s>=0;s--){let n=this.elements.
get(this.order[s]);t.has(this.order[s])&&this.#n.place(n,e),e=n}}#D(t){t.length!==0&&(this.#f.forEach(e=>e.classList.remove(
"recent","flash-a","flash-b")),this.#f=t.length>pt?[]:t.map(e=>this.elements.get(e)),this.#m=!this.#m,this.#f.forEach(e=>e.
classList.add("recent",this.#m?"flash-a":"flash-b")))}#g(){if(!this.#l)return;let t=this.rows.size-this.leaving.size,e=this.#t.
filtered()?this.#S().length:t;this.#e.hidden=this.#$()===null,this.#s.setAttribute("aria-rowcount",String(t+1)),this.#t.
counted(e)}filter(){this.elements.forEach((t,e)=>this.#v(t,e)),this.#n.settle(!0),this.#g(),(this.#r===null||this.elements.
get(this.#r)?.hidden)&&this.#u(this.#$(),!1)}redraw(){for(let t of this.elements.keys())this.#a.set(t,"mark");this.request()}edit(t,e={}){
let s=this.elements.get(t),n=this.rows.get(t);!s||!n||s.editor||!this.#t.writable()||(this.#u(t,!1),s.editor=this.#t.editor(
s,t,n,()=>this.#O(t,s),e))}#O(t,e){e.editor?.close(),e.editor=void 0,this.rows.has(t)?(e.focus(),this.request()):(this.#E(
t),this.#g())}erase(t){let e=this.elements.get(t);if(!this.rows.has(t)||this.leaving.has(t)||e.editor||!this.#t.writable())
return;let s=this.#t.name(t),n=this.live,o=this.rows.get(t),[r,h]=[this.#i,e.contains(document.activeElement)],l=()=>{clearTimeout(
dt),this.leaving.delete(t),b.remove(),this.dispatchEvent(new Event("unsent"))},c=()=>{n.table(r).has(t)&&n.delete(r,t,{expect:o}).
catch(ut=>this.#h(`${S(s)} was not deleted: ${ut.message}`)),l()},g=()=>{l(),this.elements.has(t)&&(this.#v(e,t),this.#n.
settle(),this.#g(),this.#u(t,!0))};this.#r===t&&this.#C(t,h);let b=this.#h(`${S(s)} deleted.`,{action:"Undo",act:g,dismiss:c}),
dt=setTimeout(c,wt);this.leaving.set(t,{send:c,undo:g}),this.#v(e,t),this.#n.settle(),this.#g(),this.#o.say(`${S(s)} del\
eted. Control and Z brings it back.`),this.dispatchEvent(new Event("unsent"))}undo(){let t=[...this.leaving.values()].at(
-1);return t?.undo(),!!t}flush(){for(let{send:t}of[...this.leaving.values()])t()}#L(t,e){for(let[s,n]of[["Edit",F(t)[0]],
["Delete",F(t)[1]]])n?.setAttribute("aria-label",`${s} ${this.#t.name(e)}`)}#y(t){t&&(t.tabIndex=t===this.elements.get(this.#r)?
0:-1,t.tabIndex<0&&t!==this.#d?t.querySelector(".actions")?.remove():this.#t.writable()&&!t.querySelector(".actions")&&(t.
append(this.#w.cloneNode(!0)),this.#L(t,w(t))),F(t).forEach(e=>e.tabIndex=t.tabIndex))}#u(t,e){let[s,n]=[this.#r,t].map(
o=>this.elements.get(o));this.#r=t,this.#y(n),e&&n?.focus(),this.#y(s)}#x(t){let e=this.#d;this.#d=t,[e,t].forEach(s=>this.#y(
s))}#S(){return this.order.filter(t=>!this.elements.get(t).hidden)}#$(){return this.order.find(t=>!this.elements.get(t).
hidden)??null}#B(){let t=this.#e;t.addEventListener("click",({target:e})=>{let s=w(e);s!==null&&(s!==this.#r&&this.#u(s,
!1),e.matches(".actions .edit")&&this.edit(s),e.matches(".actions .delete")&&this.erase(s))}),t.addEventListener("pointe\
rover",({target:e,pointerType:s})=>{s!=="touch"&&this.#x(e.closest(".row"))}),t.addEventListener("pointerleave",()=>this.#x(
null)),t.addEventListener("focusin",({target:e})=>{let s=w(e);s!==null&&s!==this.#r&&this.#u(s,!1)}),t.addEventListener(
"keydown",e=>this.#z(e)),document.addEventListener("keydown",e=>{let{target:s,key:n,ctrlKey:o,metaKey:r,shiftKey:h}=e;n!==
"z"||!(o||r)||h||s.matches("input, textarea, select")||this.undo()&&e.preventDefault()}),this.#x(t.querySelector(".row:h\
over")),this.#u(w(document.activeElement),!1)}#z(t){let{target:e}=t,s=w(e);if(s===null||e.closest(".editor"))return;let n=e.
matches(".row");if(t.key in Y){let o=this.#S(),r=Math.min(o.length-1,Math.max(0,o.indexOf(s)+Y[t.key]));this.#u(o[r],!0)}else if(t.
key==="Enter"&&n||t.key==="F2")this.edit(s);else if(t.key==="Delete")this.erase(s);else if(t.key==="Escape")this.elements.
get(s).focus();else return;t.preventDefault()}};function F(i){return i.querySelectorAll(".actions button")}function gt(i){
let t=[],e=[],s=[];i.forEach((o,r)=>{if(o<0)return;let h=t.length;if(h>0&&t[h-1]>=o){h=0;for(let l=t.length;h<l;){let c=h+
l>>1;t[c]<o?h=c+1:l=c}}t[h]=o,e[h]=r,s[r]=e[h-1]});let n=new Set;for(let o=e.at(-1);o!==void 0;o=s[o])n.add(i[o]);return n}
function w(i){let t=i.closest("#rows .row");return t===null?null:t.key??Q(t.dataset.key)}function Q(i){return Number.isSafeInteger(
Number(i))?Number(i):i}function S(i){return i[0].toUpperCase()+i.slice(1)}function V(i,t,e,s,n=""){let o=e===s?p(s,"row"):
`${x(e)} of ${p(s,"row")}`;i.textContent=o+n,document.title=s===0?t:`${v(t)} – ${p(s,"row")}${n}`}var q=class{#i;#e;#s;#n=!1;constructor(t,e,s,n){this.#i=t,this.#e=e,this.#s=n,e.addEventListener("heard",({detail:{message:o,
fresh:r}})=>{r&&s.say(o.gap?"Some notifications may be missing.":`${o.channel}: ${o.payload.slice(0,100)}`),this.#n||=!!requestAnimationFrame(
()=>this.#t())})}#t(){this.#n=!1;let t=new Map([...this.#i.children].map(e=>[e.message,e]));this.#i.replaceChildren(...this.#e.
kept.map(({message:e})=>t.get(e)??this.#o(e)).reverse())}#o(t){let s=document.getElementById("heard-template").content.firstElementChild.
cloneNode(!0),{channel:n,payload:o,at:r,since:h}=t.gap??t;return s.message=t,s.classList.toggle("gap",!!t.gap),y(s.querySelector(
".channel"),n??"all channels"),this.#s.show(s.querySelector("time"),r??h),y(s.querySelector(".payload"),t.gap?"Since the\
n some may be missing.":o),s}};var $=60,K=20,X=700,vt=1e3,Et=3,Z={reading:"Reading the table",connecting:"Connecting",waiting:"Offline",unauthorized:"N\
o access",refused:"Not offered",paused:"Paused",closed:"Closed"},tt={unauthorized:"The token is missing, has expired or \
was withdrawn. Reload the page to sign in.",refused:"The table, or a part of this view, is not offered to you any more."},
bt={socket:"WebSocket",stream:"event stream",poll:"long poll"},d=i=>document.getElementById(i),D=class{#i;#e;#s=0;#n=0;#t=null;#o=null;#h=null;#c=xt(
t=>{this.#h=t,this.show()});constructor(t){this.#e=t,d("retry").addEventListener("click",()=>yt(this.#i))}attach(t){this.#i=
t,t.addEventListener("state",()=>this.show()),t.addEventListener("write",()=>this.show()),this.show()}show(){let{state:t}=this.#i,
{phase:e}=t;e==="live"?(this.#o!=="live"&&this.#c(),this.#t=null):this.#t??=this.#o==="live"?new Date:null,this.#o=e,clearTimeout(
this.#s);let s=()=>this.#a();d("state").dataset.phase!==e&&e!=="live"&&e!=="closed"?this.#s=setTimeout(s,X):s()}#a(){let{
state:t}=this.#i,{phase:e,staleSince:s=null}=t,n=e==="live"&&s;d("state").dataset.phase=n?"stale":e,d("state").title=t.error??
"",C(d("state-text"),n?`Live, but the database has been away since ${et(new Date(s))}`:this.#f(e)),this.#m(e),this.#l(t)}#f(t){
return t==="live"?"Live":t==="closed"?Z.closed:this.#t?`${Z[t]} since ${et(this.#t)}`:t==="waiting"?"Not connected":Z[t]}#m(t){
let e=()=>C(d("unsent"),this.#e()>0?`${p(this.#e(),"edit")} not sent yet`:"");clearTimeout(this.#n),t==="live"&&this.#e()>
0?this.#n=setTimeout(e,X):e()}#l(t){let{phase:e,transport:s,role:n,shared:o=n==="follower",retryAt:r=null}=t,h=d("way"),
l=this.#h===null?"":`${this.#h<10?this.#h.toFixed(1):Math.round(this.#h)} ms`;if(d("retry").hidden=e!=="waiting"&&!tt[e],
h.title="",e==="live")h.textContent=[bt[s],o?"shared with other tabs":"",l].filter(Boolean).join(" · "),h.title="The ti\
me is that of a small request, there and back.";else if(e==="waiting"&&r!==null){let c=Math.max(0,Math.ceil((r-Date.now())/
1e3));h.textContent=c===0?"Trying again":`Next attempt in ${c} s`,clearTimeout(this.#s),this.#s=setTimeout(()=>this.#l(this.#i.
state),1e3)}else h.textContent=tt[e]??(e==="waiting"?"Trying again soon":" ")}};function yt(i){i.retry?i.retry():window.
dispatchEvent(new Event("online"))}function C(i,t){i.textContent!==t&&(i.textContent=t)}function it(i){return nt(i).slice(
11,19)}function E(i){return nt(i).slice(0,10)}function et(i){return`${E(i)===E(new Date)?"":`${E(i)} `}${it(i).slice(0,5)}`}
function nt(i){return new Date(i-i.getTimezoneOffset()*6e4).toJSON()??""}function st(i,t){let e=Math.floor((t-i)/1e3);return e>=
0&&e<60?e<10?"just now":`${e-e%10} s ago`:e>=0&&e<3600?`${Math.floor(e/60)} min ago`:E(i)===E(t)?it(i):E(i)}var O=class{#i=new Map;#e=0;show(t,e){
let s=new Date(e);t.dateTime=t.title=e,Math.abs(Date.now()-+s)<36e5?this.#i.set(t,s):this.#i.delete(t),C(t,st(s,new Date)),
this.#e||=setInterval(()=>this.#s(),1e4)}#s(){if(document.hidden)return;let t=new Date;for(let[e,s]of this.#i)e.isConnected?
C(e,st(s,t)):this.#i.delete(e),+t-+s>36e5&&this.#i.delete(e)}};function xt(i){return new PerformanceObserver(e=>{let n=e.
getEntries().filter(({initiatorType:o,responseStart:r})=>o==="fetch"&&r>0).at(-1);n&&i(n.responseStart-n.requestStart)}).
observe({type:"resource"}),()=>fetch(new URL("../healthz",import.meta.url),{method:"HEAD",cache:"no-store"}).catch(()=>i(
null))}function P(i,{action:t="",act:e=()=>{},dismiss:s=()=>{}}={}){let o=d("notice-template").content.firstElementChild.
cloneNode(!0),r=d("notices"),[h,l]=o.querySelectorAll("button");for(o.querySelector("p").textContent=v(i),o.classList.toggle(
"bad",t===""),h.hidden=t==="",h.textContent=t,h.addEventListener("click",e),l.addEventListener("click",()=>{o.remove(),s()});r.
children.length>=Et;)r.firstElementChild.querySelector(".dismiss").click();return r.append(o),o}var B=class{#i;#e=[];#s=0;constructor(t){
this.#i=t}say(t){this.#e.push(t),this.#s||=setTimeout(()=>{this.#s=0;let e=this.#e.slice(0,3),s=this.#e.length-e.length;
this.#e=[],this.#i.textContent=e.join(" ")+(s>0?` And ${p(s,"more change")}.`:"")},vt)}changes(t,e){t.length>3?this.say(
`${x(t.length)} rows changed.`):t.forEach(s=>this.say(e(s)))}},z=class{#i;#e;#s=new Array($+1).fill(0);#n=Math.floor(Date.
now()/1e3);#t=this.#n;constructor(t,e){this.#i=t,this.#e=e,setInterval(()=>this.#h(),1e3)}count(t){this.#o(),this.#s[$]+=
t}#o(){let t=Math.floor(Date.now()/1e3);for(let e=Math.min(t-this.#t,$+1);e>0;e--)this.#s.shift(),this.#s.push(0);this.#t=
t}#h(){if(this.#o(),document.hidden)return;let t=Math.max(5,...this.#s),e=this.#s.map((o,r)=>`L${r} ${(K*(1-o/t)).toFixed(
1)}`);this.#i.setAttribute("d",`M0 ${K}${e.join("")}L${$} ${K}`);let s=this.#s.reduce((o,r)=>o+r),n=s===0?"no changes":p(
s,"change");C(this.#e,`${n} ${this.#t-this.#n<$?"since you opened this page":"in the last minute"}`)}};var k="testtype",$t=document.title,a=i=>document.getElementById(i),ot=a("row-template").content.firstElementChild;ot.querySelector(
"time").textContent="";var m=St({tables:{[k]:{key:"id"}}}),L=m.table(k),rt=new O,j=new B(a("announce")),Ct=new z(a("plot\
-path"),a("rate")),U=new T(m),[f,R]=[a("add-val"),a("filter")];new q(a("heard"),U,j,rt);var u=new I(a("grid"),a("rows"),
{template:ot,height:3.3,draw:Lt,compare:kt,sorts:!1,hides:i=>!Nt(i),filtered:()=>R.value!=="",name:i=>`row ${i}`,tells:i=>v(
i.val).slice(0,100),counted:At,editor:Tt,writable:()=>!0,left:()=>f.focus()},j,P),ht=new D(()=>u.unsent);u.addEventListener(
"unsent",()=>ht.show());U.addEventListener("state",at);U.addEventListener("heard",()=>a("unheard").hidden=!0);m.addEventListener(
"state",at);m.addEventListener("transaction",({detail:i})=>{i.txid&&Ct.count(Math.max(1,i.changes.length))});u.attach(m,
k,L);ht.attach(m);function at(){let{names:i,problem:t}=U,e=m.state.phase==="live"&&t===null,s=i?.length===0?"no channel \
is shown here":e?i?.join(", "):t===""?"":"not heard at the moment";a("channels").textContent=s||" ",a("channels").title=
t??"",a("example").textContent=i?.[0]??"hello"}function Lt(i,t){let[e,s,n]=i.children,o=String(t.id??"new");e.textContent!==
o&&(e.textContent=o),y(s,t.val),i.text=`${o} ${t.val}`.toLowerCase(),t.mtime&&rt.show(n.firstElementChild,t.mtime)}function _(i){
let t=Number(i);return Number.isNaN(t)?1/0:t}function kt(i,t){if(_(i)!==_(t))return _(t)-_(i);let[e,s]=[String(i),String(
t)];return e.length===s.length?e<s?1:-1:s.length-e.length}function At(i){V(a("count"),$t,i,L.size-u.leaving.size),a("emp\
ty").hidden=i>0,a("empty").textContent=L.size>u.leaving.size?"No row contains that.":"Nothing here yet. Add the first ro\
w above."}a("add").addEventListener("submit",i=>{i.preventDefault();let t=f.value;f.value="",f.focus(),m.insert(k,{val:t}).
catch(e=>{P(`Not added: ${e.message}`),f.value===""&&(f.value=t)})});function Tt(i,t,e,s,{text:n,theirs:o,expect:r}={}){
let h=new N(i,`row ${e.id??t}`,{save:(l,c)=>{let g=w(i);s(),l!==L.get(g)?.val&&m.update(k,g,{val:l},{expect:c}).catch(b=>{
P(`Not saved: ${b.message}`),L.has(g)?u.edit(g,{text:l,theirs:b.current,expect:b.current}):f.value||=l})},cancel:s});return h.
open(n??e.val,r??e,o),h}a("rows").addEventListener("dblclick",({target:i})=>{i.closest(".val")&&u.edit(w(i))});function Nt(i){
let t=R.value.toLowerCase();return i.text??=`${i.children[0].textContent} ${i.children[1].textContent}`.toLowerCase(),t===
""||i.text.includes(t)}R.addEventListener("input",()=>{u.filter(),j.say(a("count").textContent)});document.addEventListener(
"keydown",i=>{if(i.target.matches("input, textarea")||i.ctrlKey||i.metaKey||i.altKey)return;let t={"/":R,n:f}[i.key];t&&
(t.focus(),i.preventDefault())});window.addEventListener("beforeunload",i=>{(u.unsent>0||u.editing||f.value.trim()!=="")&&
i.preventDefault()});var lt=matchMedia("(max-width: 64rem)"),ct=()=>a("notify").open=!lt.matches;lt.addEventListener("ch\
ange",ct);ct();a("add").querySelector("button").disabled=!1;
