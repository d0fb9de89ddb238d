// Made from client/page by client/build.js; not to be edited.
import{connect as Ct}from"./pbp.js";var Et={reading:"Reading the table",connecting:"Connecting",waiting:"Reconnecting",paused:"Paused",closed:"Closed"},nt=0,
vt={leader:"leader",follower:"follower",alone:""},bt={leader:"This tab has the connection that all tabs share.",follower:"\
Another tab has the connection that all tabs share.",alone:"This tab has a connection of its own."},yt={socket:"WebSocke\
t",stream:"event stream",poll:"long poll"};function st(e,t,{phase:n,error:s},o){e.title=s??"",clearTimeout(nt);let i=()=>{
e.dataset.phase=n;let a=n==="live"?"Live":Et[n],d=o>0&&n!=="live"?` (${o} unsent)`:"";t.textContent!==a+d&&(t.textContent=
a+d)};n==="live"||n==="closed"?i():nt=setTimeout(i,700)}function H(e){return ot(e).slice(11,19)}function _(e){return ot(
e).slice(0,10)}function ot(e){return new Date(e-e.getTimezoneOffset()*6e4).toJSON()??""}function z(e,{phase:t,transport:n,
role:s},o){let i=[yt[n],vt[s],o===null?"":`${o<10?o.toFixed(1):Math.round(o)} ms`];e.textContent=t==="live"?i.filter(Boolean).
join(" · "):" ",e.title=t==="live"?`${bt[s]} The time is that of a small request, there and back.`:""}function it(e){return new PerformanceObserver(
n=>{let o=n.getEntries().filter(({initiatorType:i,responseStart:a})=>i==="fetch"&&a>0).at(-1);o&&e(o.responseStart-o.requestStart)}).
observe({type:"resource"}),()=>fetch(new URL("../healthz",import.meta.url),{method:"HEAD",cache:"no-store"}).catch(()=>e(
null))}function I(e){let n=document.getElementById("toast-template").content.firstElementChild.cloneNode(!0),s=document.
getElementById("toasts");for(;s.children.length>2;)s.firstElementChild.remove();s.append(n),n.querySelector("p").textContent=
e,n.querySelector("button").addEventListener("click",()=>n.remove())}var $=class{#n;#t=[];#e=0;constructor(t){this.#n=t}say(t){
this.#t.push(t),this.#e||=setTimeout(()=>{this.#e=0;let n=this.#t.slice(0,3),s=this.#t.length-n.length;this.#t=[],this.#n.
textContent=n.join(" ")+(s>0?` And ${s} more changes.`:"")},1e3)}changes(t,n){if(t.length>3){this.say(`${t.length} rows \
changed.`);return}for(let[s,o]of t){let i=n.get(s),a={insert:"added",update:"changed",saved:"saved"}[o];this.say(i?`Row ${s}\
 ${a}: ${String(i.val).slice(0,100)}.`:`Row ${s} deleted.`)}}},k=class{#n;#t;#e=!1;constructor(t,n,s){this.#n=t,this.#t=
n,n.addEventListener("heard",({detail:{message:o,fresh:i}})=>{i&&s.say(o.gap?"Some notifications may be missing.":`${o.channel}\
: ${o.payload.slice(0,100)}`),this.#e||=!!requestAnimationFrame(()=>this.#s())})}#s(){this.#e=!1;let t=new Map([...this.#n.
children].map(n=>[n.message,n]));this.#n.replaceChildren(...this.#t.kept.map(({message:n})=>t.get(n)??this.#o(n)).reverse())}#o(t){
let s=document.getElementById("heard-template").content.firstElementChild.cloneNode(!0),{channel:o,payload:i,at:a,since:d}=t.
gap??t;s.message=t,s.classList.toggle("gap",!!t.gap),s.querySelector(".channel").textContent=o??"all channels";let p=s.querySelector(
"time");return p.dateTime=p.title=a??d,p.textContent=H(new Date(a??d)),s.querySelector(".payload").textContent=t.gap?"Si\
nce then some may be missing.":i,s}},A=class{#n;#t;#e=new Array(61).fill(0);#s=Math.floor(Date.now()/1e3);constructor(t,n){
this.#n=t,this.#t=n,setInterval(()=>this.#i(),1e3)}count(t){this.#o(),this.#e[60]+=t}#o(){let t=Math.floor(Date.now()/1e3);
for(let n=Math.min(t-this.#s,61);n>0;n--)this.#e.shift(),this.#e.push(0);this.#s=t}#i(){if(this.#o(),document.hidden)return;
let t=Math.max(5,...this.#e),n=this.#e.map((i,a)=>`L${a} ${(20*(1-i/t)).toFixed(1)}`);this.#n.setAttribute("d",`M0 20${n.
join("")}L60 20`);let s=this.#e.reduce((i,a)=>i+a),o=s===0?"no changes":s===1?"1 change":`${s} changes`;this.#t.textContent=
`${o} in the last minute`}};var F=new URL("../api/_channels",import.meta.url).href,St=50,xt=100,N={first:1e3,most:3e4,good:5e3},T=class extends EventTarget{names=null;problem="";kept=[];#n;#t=null;#e=null;#s=null;#o=null;#i=!1;constructor(t){
super(),this.#n=t,t.addEventListener("state",()=>this.#r())}#r(){let{phase:t,role:n}=this.#n.state;this.#u(n!=="alone"&&
t!=="paused"&&t!=="closed");let s=t==="live"&&n!=="follower";s&&!this.#o?(this.#o=new AbortController,this.#m(n==="alone"?
[this.#p,this.#d]:[this.#d],this.#o.signal)):s||(this.#o?.abort(),this.#o=null),t==="live"&&n==="follower"&&this.#h().catch(
o=>this.#l(o.message))}#u(t){t!==!!this.#t&&(this.#t?.close(),this.#t=t?new BroadcastChannel(`pbp channels ${F}`):null,this.#t&&
(this.#t.onmessage=({data:n})=>this.#f(n),this.#t.postMessage({hello:!0})))}#f({hello:t,kept:n,place:s,problem:o,message:i}){
if(t){this.#o&&this.#t.postMessage({kept:this.kept,place:this.#e,problem:this.problem});return}this.#o||(n&&this.#e===null&&
n.forEach(a=>this.#c(a.place,a.message,!1)),i&&this.#c(s,i),s&&(this.#e=s),o!==void 0&&this.#l(o))}async#h(){if(this.names)
return;let t=await fetch(`${F}/names`);if(!t.ok)throw new Error(`the names of the channels: ${t.status}`);this.names=(await t.
json()).slice(0,xt),this.dispatchEvent(new Event("state"))}async#m(t,n){for(let s=N.first;!n.aborted;s=Math.min(2*s,N.most)){
let o=performance.now();try{if(await this.#h(),n.throwIfAborted(),this.names?.length===0)return;let i=new URLSearchParams(
this.names?.map(a=>["channel",a]));this.#i=!1,await t[0].call(this,`${F}?${i}`,n)}catch(i){if(n.aborted)return;this.#a({
problem:i.message}),this.#i||t.push(t.shift())}performance.now()-o>N.good&&(s=N.first),await new Promise(i=>setTimeout(i,
s*(.5+Math.random()/2)))}}async#d(t,n){if(this.#e===null){let s=await fetch(`${t}&wait=0`,{signal:n});if(!s.ok)throw new Error(
`${s.status} ${s.statusText}`);this.#a({place:s.headers.get("PBP-Cursor")})}await new Promise((s,o)=>{let i=new EventSource(
`${t}&cursor=${this.#e}`);i.onopen=()=>{this.#i=!0,this.#a({place:this.#e,problem:null})},i.onmessage=({data:a,lastEventId:d})=>this.#a(
{place:d||null,message:JSON.parse(a)}),i.onerror=()=>{i.close(),o(new Error("the connection was lost"))},n.addEventListener(
"abort",i.onerror)})}async#p(t,n){await new Promise((s,o)=>{let i=new URL(t);i.protocol=i.protocol.replace("http","ws");
let a=new WebSocket(i);a.onopen=()=>{this.#i=!0,this.#s&&this.#a({message:{gap:{reason:"reconnected",since:this.#s}}}),this.#a(
{problem:null})},a.onmessage=({data:d})=>this.#a({message:JSON.parse(d)}),a.onclose=()=>{this.#i&&(this.#s=new Date().toISOString()),
o(new Error("the connection was lost"))},n.addEventListener("abort",()=>a.close())})}#a({place:t=null,problem:n=void 0,message:s=null}){
this.#t?.postMessage({place:t,problem:n,message:s}),s&&this.#c(t,s),t&&(this.#e=t),n!==void 0&&this.#l(n)}#l(t){this.problem=
t,this.dispatchEvent(new Event("state"))}#c(t,n,s=!0){t&&this.kept.some(o=>o.place===t)||(this.kept.push({place:t,message:n}),
this.kept.length>St&&this.kept.shift(),this.dispatchEvent(new CustomEvent("heard",{detail:{message:n,fresh:s}})))}};var D=class{#n;#t;#e;#s;#o;#i;constructor(t,{save:n,cancel:s}){this.#n=t,this.#t=document.createElement("span"),this.#t.
className="editor-cell",this.#t.setAttribute("role","gridcell");let o=document.getElementById("editor-template");this.#t.
append(o.content.cloneNode(!0)),this.#e=this.#t.querySelector("form"),this.#s=this.#t.querySelector("textarea"),this.#o=
this.#t.querySelector(".meanwhile"),this.#s.setAttribute("aria-label",`val of row ${t.dataset.key}`),this.#e.addEventListener(
"submit",i=>{i.preventDefault(),n(this.#s.value,this.#i)}),this.#e.querySelector(".cancel").addEventListener("click",s),
this.#e.addEventListener("keydown",i=>{i.key==="Escape"?s():i.key==="Enter"&&i.target===this.#s&&!i.shiftKey&&!i.isComposing&&
(i.preventDefault(),this.#e.requestSubmit())})}open(t,n,s){this.#i=n,this.#s.value=t,this.#n.classList.add("editing"),this.#n.
append(this.#t),s&&this.#r(s),this.#s.focus(),this.#s.select()}meanwhile(t){let n=t.val!==this.#i.val;this.#i=t,n&&this.#r(
t)}gone(){this.#o.textContent="Somebody has deleted this row meanwhile.",this.#o.hidden=!1}close(){this.#t.remove(),this.#n.
classList.remove("editing")}#r(t){this.#o.textContent=`Meanwhile it has become: ${t.val}`,this.#o.hidden=!1}};var q=class{#n;#t=new Set;constructor(t){this.#n=t}append(t){let n=[];for(let s=0;s<t.length;s+=20){let o=this.#e();o.append(
...t.slice(s,s+20)),this.#t.add(o),n.push(o)}this.#n.append(...n)}place(t,n){let s=n?.parentElement??this.#n.lastElementChild,
o=s&&n===s.firstElementChild&&s.childElementCount>=20;if(!s||o){let i=this.#e();i.append(t),this.#n.insertBefore(i,s)}else
s.insertBefore(t,n??null);this.touch(t)}touch(t){this.#t.add(t.parentElement)}remove(t){let n=t.parentElement;t.remove(),
this.#t.add(n),n.hasChildNodes()||n.remove()}settle(t=!1){let n=t?[...this.#n.children]:[...this.#t];this.#t.clear();for(let s of n){
for(;s.children.length>40;){let o=this.#e();o.append(...[...s.children].slice(-20)),s.after(o),this.#s(o)}this.#s(s)}}#e(){
let t=document.createElement("div");return t.className="block",t.setAttribute("role","rowgroup"),t}#s(t){let n=[...t.children].
filter(({hidden:s})=>!s).length;t.hidden=n===0,t.style.containIntrinsicBlockSize=`auto ${n*3.3}rem`}};var v="testtype",Lt=100,r=e=>document.getElementById(e),[lt,m]=[r("grid"),r("rows")],[ct,$t]=["row-template","actions-te\
mplate"].map(e=>r(e).content.firstElementChild);ct.querySelector("time").textContent="";var h=Ct({tables:[v]}),u=h.table(
v),w=new q(m),R=new $(r("announce")),kt=new A(r("plot-path"),r("rate")),P=new T(h);new k(r("heard"),P,R);var l=new Map([
...m.querySelectorAll(".row")].map(e=>[pt(e.dataset.key),e])),c=[...l.keys()],E=new Map,W=[],G=!1,U=!1,S=!1,f=null,x=null,
Z=null,At=it(e=>{Z=e,z(r("way"),h.state,Z)}),at=null;h.addEventListener("state",({detail:e})=>{ht(),e.phase==="live"&&at!==
"live"&&At(),at=e.phase});h.addEventListener("write",ht);P.addEventListener("state",dt);P.addEventListener("heard",()=>r(
"unheard").hidden=!0);function ht(){st(r("state"),r("state-text"),h.state,h.writing),z(r("way"),h.state,Z),dt()}function dt(){
let{names:e,problem:t}=P,n=h.state.phase==="live"&&t===null,s=e?.length===0?"no channel is shown here":n?e?.join(", "):t===
""?"":"not heard at the moment";r("channels").textContent=s||" ",r("channels").title=t??"",r("example").textContent=e?.[0]??
"hello"}h.addEventListener("transaction",({detail:e})=>{for(let{op:t,key:n,was:s}of e.changes)s!==void 0&&Tt(s,n),E.set(
n,E.get(n)==="insert"&&t==="update"?"insert":t);e.txid&&kt.count(Math.max(1,e.changes.length)),J()});h.addEventListener(
"write",({detail:e})=>{E.has(e.key)||E.set(e.key,e.stage==="saved"?"saved":"mark"),J()});h.ready.then(()=>{U=!0,J(),lt.setAttribute(
"aria-busy","false")});var j=!1;function J(){j||(j=!0,requestAnimationFrame(It))}function It(){j=!1;let e=E;E=new Map,U&&
!S&&c.filter(s=>!u.has(s)).forEach(M);let t=[],n={today:_(new Date),filter:r("filter").value};for(let[s,o]of e){let i=u.
get(s);i?(l.has(s)||(l.set(s,ct.cloneNode(!0)),t.push(s)),Nt(s,i,o,n)):M(s)}if(Dt(t),w.settle(!S),S){let s=[...e].filter(
([o,i])=>i!=="mark"&&!h.pending(v,o));Ot(s.map(([o])=>o).filter(o=>l.has(o))),R.changes(s,u)}S=U,X()}function Nt(e,t,n,{
today:s,filter:o}){let i=l.get(e);i.dataset.key=e,i.classList.toggle("pending",h.pending(v,e));let[a,d,p]=i.children,y=String(
t.id??"new");if(a.textContent!==y&&(a.textContent=y),d.textContent!==t.val&&(d.textContent=t.val),t.mtime){let V=new Date(
t.mtime),tt=_(V),et=tt===s?H(V):tt,L=p.firstElementChild;L.dateTime=L.title=t.mtime,L.textContent!==et&&(L.textContent=et)}
Y(i,y),n!=="mark"&&i.editor?.meanwhile(t);let b=!i.editor&&!wt(i,o);i.hidden!==b&&(i.hidden=b,i.isConnected&&w.touch(i))}
function M(e){let t=l.get(e);if(!t)return;if(t.editor){t.editor.gone();return}let n=c.indexOf(e);if(c.splice(n,1),l.delete(
e),x===t&&(x=null),f===e){let s=t.contains(document.activeElement);g(c[n]??c[n-1]??null,s),s&&f===null&&r("add-val").focus()}
w.remove(t)}function Tt(e,t){let n=l.get(e);if(E.delete(e),!n)return;M(t),l.delete(e),l.set(t,n),n.dataset.key=t;let s=c.
indexOf(e);c[s]=t,c.sort(ut);let o=c.indexOf(t);o!==s&&(w.remove(n),w.place(n,l.get(c[o+1])),w.settle()),f===e&&(f=t)}function Dt(e){
if(e.length>0){let t=new Set(e),n=c.length;c=c.concat(e).sort(ut);let s=c.slice(n);s.every(o=>t.has(o))?w.append(s.map(o=>l.
get(o))):qt(t)}f===null&&g(gt(),!1)}function qt(e){let t;for(let n=c.length-1;n>=0;n--){let s=l.get(c[n]);e.has(c[n])&&w.
place(s,t),t=s}}function O(e){let t=Number(e);return Number.isNaN(t)?1/0:t}function ut(e,t){if(O(e)!==O(t))return O(t)-O(
e);let[n,s]=[String(e),String(t)];return n.length===s.length?n<s?1:-1:s.length-n.length}function Ot(e){e.length!==0&&(W.
forEach(t=>t.classList.remove("recent","flash-a","flash-b")),W=e.length>Lt?[]:e.map(t=>l.get(t)),G=!G,W.forEach(t=>t.classList.
add("recent",G?"flash-a":"flash-b")))}function X(){if(!S)return;let e=r("filter").value,t=e?c.filter(s=>!l.get(s).hidden).
length:c.length,n=u.size===1?"row":"rows";r("count").textContent=e?`${t} of ${u.size} ${n}`:`${u.size} ${n}`,r("empty").
hidden=t>0,r("empty").textContent=u.size>0?"No row contains that.":"Nothing here yet. Add the first row above.",m.hidden=
t===0,lt.setAttribute("aria-rowcount",u.size+1)}r("add").addEventListener("submit",e=>{e.preventDefault();let t=r("add-v\
al"),n=t.value;t.value="",t.focus(),h.insert(v,{val:n}).catch(s=>{I(`Not added: ${s.message}`),t.value===""&&(t.value=n)})});
function B(e,{text:t,theirs:n,expect:s}={}){let o=l.get(e),i=u.get(e);if(!o||!i||o.editor)return;g(e,!1);let a=new D(o,{
save:(p,y)=>{d(),p!==u.get(e)?.val&&h.update(v,e,{val:p},{expect:y}).catch(b=>{I(`Not saved: ${b.message}`),u.has(e)?B(e,
{text:p,theirs:b.current,expect:b.current}):r("add-val").value||=p})},cancel:()=>d()});o.editor=a,a.open(t??i.val,s??i,n);
function d(){o.editor=void 0,a.close(),u.has(e)?o.focus():(M(e),X())}}function ft(e){if(!u.has(e))return;g(e,!1);let t=l.
get(e).querySelector(".delete");if(!t.classList.contains("armed")){t.classList.add("armed"),t.textContent="Really?",t.setAttribute(
"aria-label",`Really delete row ${e}?`),t.focus(),R.say(`Really delete row ${e}? Press again to delete, Escape to keep.`);
return}h.delete(v,e).catch(n=>I(`Not deleted: ${n.message}`))}function Y(e,t=e.firstElementChild.textContent){["Edit","D\
elete"].forEach((n,s)=>{let o=mt(e)[s];o&&(o.setAttribute("aria-label",`${n} row ${t}`),o.classList.remove("armed"),o.textContent=
n)})}function K(e){e&&(e.tabIndex=e===l.get(f)?0:-1,e.tabIndex<0&&e!==x?e.querySelector(".actions")?.remove():e.querySelector(
".actions")||(e.append($t.cloneNode(!0)),Y(e)),mt(e).forEach(t=>t.tabIndex=e.tabIndex))}function mt(e){return e.querySelectorAll(
".actions button")}function g(e,t){let[n,s]=[f,e].map(o=>l.get(o));f=e,K(s),t&&s?.focus(),K(n)}function Q(e){let t=x;x=e,
[t,e].forEach(K)}function C(e){let t=e.closest("#rows .row")?.dataset.key;return t===void 0?null:pt(t)}function pt(e){return Number.
isSafeInteger(Number(e))?Number(e):e}m.addEventListener("click",({target:e})=>{let t=C(e);t!==null&&(t!==f&&g(t,!1),e.matches(
".edit")&&B(t),e.matches(".delete")&&ft(t))});m.addEventListener("pointerover",({target:e,pointerType:t})=>{t!=="touch"&&
Q(e.closest(".row"))});m.addEventListener("pointerleave",()=>Q(null));m.addEventListener("dblclick",({target:e})=>{e.closest(
".val")&&B(C(e))});m.addEventListener("focusin",({target:e})=>{let t=C(e);t!==null&&t!==f&&g(t,!1)});m.addEventListener(
"focusout",({target:e})=>{e.matches(".delete.armed")&&e.isConnected&&Y(e.closest(".row"))});var rt={ArrowDown:1,ArrowUp:-1,
PageDown:10,PageUp:-10,Home:-1/0,End:1/0};m.addEventListener("keydown",e=>{let t=C(e.target);if(t===null||e.target.closest(
".editor"))return;let n=e.target.matches(".row");if(e.key in rt){let s=c.filter(i=>!l.get(i).hidden),o=Math.min(s.length-
1,Math.max(0,s.indexOf(t)+rt[e.key]));g(s[o],!0)}else if(e.key==="Enter"&&n||e.key==="F2")B(t);else if(e.key==="Delete")
ft(t);else if(e.key==="Escape")l.get(t).focus();else return;e.preventDefault()});function wt(e,t){let[n,s]=e.children;return t===
""||`${n.textContent} ${s.textContent}`.toLowerCase().includes(t.toLowerCase())}function gt(){return c.find(e=>!l.get(e).
hidden)??null}r("filter").addEventListener("input",({target:e})=>{l.forEach(t=>t.hidden=!t.editor&&!wt(t,e.value)),w.settle(
!0),X(),(f===null||l.get(f)?.hidden)&&g(gt(),!1),R.say(r("count").textContent)});document.addEventListener("keydown",e=>{
if(e.target.matches("input, textarea")||e.ctrlKey||e.metaKey||e.altKey)return;let t={"/":"filter",n:"add-val"}[e.key];t&&
(r(t).focus(),e.preventDefault())});window.addEventListener("beforeunload",e=>{h.writing>0&&e.preventDefault()});r("add").
querySelector("button").disabled=!1;Q(m.querySelector(".row:hover"));g(C(document.activeElement),!1);
