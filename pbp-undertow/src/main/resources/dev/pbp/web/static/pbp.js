// Made from client/src by client/build.js; not to be edited. Types: pbp.d.ts.
function nt(r,t){let{origin:s,pathname:e}=new URL(r),[,i]=/^(.*)\/static\/pbp\.js$/.exec(e)??[];return i===void 0?"":s===
new URL(t).origin?i:s+i}var H={now:()=>performance.now(),time:()=>Date.now(),random:()=>Math.random(),setTimeout:(r,t)=>setTimeout(
r,t),clearTimeout:r=>clearTimeout(r),setInterval:(r,t)=>setInterval(r,t),clearInterval:r=>clearInterval(r),fetch:(r,t)=>fetch(
r,t),webSocket:r=>new WebSocket(r),eventSource:r=>new EventSource(r),channel:r=>new BroadcastChannel(r),locks:()=>navigator.
locks,uuid:()=>crypto.randomUUID(),canShare:()=>!!(globalThis.navigator?.locks&&globalThis.BroadcastChannel),address:()=>globalThis.
location?.href,base:()=>globalThis.location?nt(import.meta.url,location.href):"",warn:r=>console.warn(r),onPage(r,{sleep:t,
restore:s,online:e}){let i=globalThis.document,n=[[globalThis,"pagehide",t],[i,"freeze",t],[globalThis,"pageshow",s],[i,
"resume",s],[globalThis,"online",e],[i,"visibilitychange",()=>i.visibilityState==="visible"&&e()]];for(let[o,h,a]of n)o?.
addEventListener?.(h,a,{signal:r})}};function m(r){if(!/^A[\w-]+$/.test(r)||r.length%4===1)return null;let t=Uint8Array.from(atob(r.replace(/-/g,"+").replace(
/_/g,"/")),o=>o.charCodeAt(0));if(t[0]!==1)return null;let s=1,e=()=>{for(let o=0,h=1;;h*=128){let a=t[s++]??0;if(o+=a%128*
h,a<128)return o}},i=e(),n=new Set;for(let o=e(),h=i;o>0&&s<t.length;o--)h-=e(),n.add(h);return{xmax:i,running:n}}function g({
xmax:r,running:t},s){return Number(s)<r&&!t.has(Number(s))}function b(r,t){return t.xmax<=r.xmax&&[...r.running].every(s=>!g(
t,s))}function M(r,t,s){return r.random()*Math.min(s,1e3*2**t)}var G=/\d[\d.]{15}|\d[eE][+-]?\d{3}/,rt=/-?\d[\d.eE+-]*/g;function S(r){return JSON.parse(G.test(r)?ot(r):r)}function ot(r){
let t="";for(let s=0;s<r.length;){let e=r.indexOf('"',s),i=r.slice(s,e<0?void 0:e);t+=G.test(i)?i.replace(rt,n=>at(n)?n:
`"${n}"`):i,s=e<0?r.length:ht(r,e),t+=e<0?"":r.slice(e,s)}return t}function ht(r,t){for(let s=t;;){if(s=r.indexOf('"',s+
1),s<0)return r.length;let e=0;for(;r[s-1-e]==="\\";)e++;if(e%2===0)return s+1}}function at(r){let t=Number(r);return Number.
isFinite(t)&&F(r)===F(String(t))}function F(r){let[,t,s,e="",i="0"]=/^(-?)(\d+)(?:\.(\d+))?(?:e\+?(-?\d+))?$/i.exec(r),n=(s+
e).replace(/^0+/,""),o=n.replace(/0+$/,"");return o&&`${t}${o}e${Number(i)-e.length+n.length-o.length}`}function y(r,t){
if(r===t)return!0;if(!z(r)||!z(t))return!1;let s=Object.keys(r);return s.length===Object.keys(t).length&&s.every(e=>y(r[e],
t[e]))}function z(r){return typeof r=="object"&&r!==null}function J(r,t){return y(r,t)||Object.keys({...r,...t}).every(s=>y(
r[s]??null,t[s]??null))}function C(r){if(z(r)&&!Object.isFrozen(r)){for(let t in r)C(r[t]);Object.freeze(r)}return r}var f=class extends Error{constructor(t,{status:s=0,problem:e={},current:i=null,retryAfter:n=0}={}){super(t),this.name="\
Refused",this.status=s,this.problem=e,this.current=i,this.retryAfter=n}};function k({status:r}){return[400,401,403,404].
includes(r)}async function p(r,t,{headers:s={},...e}){let i=await r.fetch(t,{cache:"no-store",...e,headers:{Accept:"appl\
ication/json",...s}}),n=await i.text();if(i.ok)return{response:i,body:n?S(n):null};let o=i.headers.get("Content-Type")?.
includes("json")?S(n):{};throw new f(o.detail??`${t}: ${i.status} ${i.statusText}`,{status:i.status,problem:o,current:o.
current??null,retryAfter:(Number(i.headers.get("Retry-After"))||0)*1e3})}function N(r,t){return"any"in AbortSignal?AbortSignal.
any([r,AbortSignal.timeout(t)]):r}var $=class{#t=null;constructor(t,s){this.platform=t,this.base=s}describe(){return this.#t??=p(this.platform,`${this.base}\
/api/_tables`,{}).then(({body:t})=>t,t=>{if(k(t))return[];throw this.#t=null,t}),this.#t}forget(){this.#t=null}};var lt=60*1e3,O=class r{rows=new Map;held=this.rows;snapshot=null;mismatch=null;addition=null;loading=!1;admitted=!0;dropped=!1;incomplete=!1;touched=!1;lens=null;#t=new Map;#e;#i=null;#n=!1;#r;#s;constructor(t,s,e={}){
let{table:i=s,limit:n,key:o,url:h=`${t.base}/api/${encodeURIComponent(i)}`}=e;if(n!==void 0&&!(Number.isSafeInteger(n)&&
n>0))throw new RangeError(`${s}: limit: expected a whole number of at least 1, got ${n}`);this.#r=t,this.name=s,this.options=
e,this.url=h,this.#s=o===void 0?void 0:[o].flat(),this.#e={key:this.#s??["id"],kinds:null},this.spec=JSON.stringify({table:i,
url:h,key:this.#s}),this.stream=i,this.term=`table=${encodeURIComponent(i)}`}static async of(t,s){let e=JSON.parse(s),i=new r(
t,e.table,e);return await i.prepare(),i}get isPlain(){let{where:t,select:s,order:e,limit:i}=this.options;return(t??s??e??
i)===void 0}async prepare(){if(this.isPlain||this.lens)return;let{Lens:t}=await import("./pbp-views.js");this.lens??=new t(
this)}get keyColumns(){return this.#e.key}keyOf(t){return K(t,this.keyColumns)}parts(t){return this.keyColumns.length===
1?[t]:JSON.parse(t)}addressOf(t){return`${this.url}/${this.parts(t).map(s=>encodeURIComponent(String(s))).join()}`}awaits({
txid:t}){return this.loading&&!this.mismatch?!1:!(this.snapshot&&g(this.snapshot,t))}skip(t){(!this.snapshot||b(t,this.snapshot))&&
(this.snapshot=t)}reached(t){let s=this.snapshot&&m(t);s&&this.snapshot&&b(s,this.snapshot)&&(this.snapshot=null)}async#o(){
let{lens:t}=this;if(this.#s&&!t?.isSorted)return this.#e;let{table:s}=JSON.parse(this.spec),e=(await this.#r.describe()).
find(n=>n.table===s),i=this.#s??e?.key??["id"];return{key:i,kinds:t?.kinds(i,e)??null}}async read(t){await this.prepare();
let{lens:s}=this,e=this.#o(),i=({key:l})=>this.request(s?.query(l)??"",t),[n,{body:o,cursor:h}]=await Promise.all([e,s?.
needsKey?e.then(i):i(this.#e)]),a=new Map;for(let l of o){let c=K(l,n.key);if(n.key.some(d=>l[d]===void 0)||a.has(c)){let d=n.
key.join(", ");throw new f(`${this.url}: key (${d}) does not identify the rows; give this table's primary key as key in \
connect()`)}a.set(c,l)}return{table:this,rows:a,cursor:h,snapshot:m(h),shape:n,whole:o.length<(s?.size??1/0)}}async request(t,s){
let{response:e,body:i}=await p(this.#r.platform,this.url+t,{signal:N(s,lt)}),n=e.headers.get("PBP-Cursor");if(!n||!Array.
isArray(i))throw new f(`${this.url}: expected a list of rows with a PBP-Cursor`,{status:e.status});return{body:i,cursor:n}}serverRows(){
let t=new Map([...this.held].filter(([s])=>!this.#t.has(s)));return this.#t.forEach((s,e)=>s&&t.set(e,s)),this.lens?this.
lens.sorted(t):t}serverCount(){let t=this.held.size;return this.#t.forEach((s,e)=>t+=+(s!==void 0)-Number(this.held.has(
e))),t}copy(){return{rows:this.serverRows(),snapshot:this.snapshot,shape:this.#e,whole:this.lens?.whole??!0}}get list(){
return this.#i||(this.#n||this.held.forEach(C),this.#n=!0,this.#i=Object.freeze(this.lens?.list()??[...this.rows.values()])),
this.#i}serverRow(t){return this.#t.has(t)?this.#t.get(t):this.held.get(t)}agrees({op:t,key:s,old:e}){if(t==="truncate")
return!0;let i=this.serverRow(this.keyOf(s)),n=e?this.lens?this.lens.expected(e,i):e:void 0;return i&&n?J(i,n):i===n}reread({
rows:t,snapshot:s,shape:e,whole:i}){let{changed:n=new Map,emptied:o=null}=this.mismatch??{},h=c=>!(s&&g(s,c)),a=o!==null&&
h(o),l=new Map(a?[]:t);this.#h(l,e,i||a);for(let[c,{txid:d,row:w}]of n)h(d)&&(this.lens?this.lens.merge(l,c,w):w?l.set(c,
w):l.delete(c));return this.#c(l,s)}replace(t,s=this.snapshot,e=this.#e,i=!0){return this.#h(t,e,i),this.#c(t,s)}#h(t,s,e){
this.#e=s,this.incomplete=!1,this.lens?.begin(t,s,e)}#c(t,s){this.snapshot=s,this.mismatch=null,this.loading=!1;let e=[];
for(let n of[...this.held.keys(),...this.#t.keys()])t.has(n)||this.#u(n,void 0,e);for(let[n,o]of t)this.#u(n,o,e);let i=this.
lens?this.lens.end(t,e):e;return(this.lens?.isSorted||i.length>0)&&this.#g(),this.#p(i)}apply({op:t,key:s,old:e,new:i,txid:n}){
let{mismatch:o,loading:h}=this;if(t==="truncate"){let c=this.replace(new Map);return o&&(o.changed.clear(),o.emptied=n,Object.
assign(this,{mismatch:o,loading:h})),c}let a=this.keyOf(s),l=i??void 0;return o?.changed.set(a,{txid:n,row:l}),h?[]:this.
lens?this.lens.take(a,e??void 0,l):this.set(a,l)}set(t,s){let e=[];return this.#u(t,s,e),this.#a(e)}#u(t,s,e){this.#t.has(
t)?this.#t.set(t,s):this.#l(t,s,e)}overlay(t,s){if(this.dropped)return[];let e=this.serverRow(t);s.length>0?this.#t.set(
t,e):this.#t.delete(t);let i=e;for(let o of s)i=o.kind==="delete"?void 0:{...i,...o.fields};let n=[];return this.#l(t,i,
n),this.#a(n)}rename(t,s){this.#t.delete(t);let e=this.set(t,void 0);return this.#t.has(s)||this.#t.set(s,this.held.get(
s)),e}#a(t){let s=this.lens?t.flatMap(e=>this.lens?.move(e)??[]):t;return s.length>0&&this.#g(),this.#p(s)}#l(t,s,e){let i=this.
held.get(t);(s===void 0?i===void 0:i!==void 0&&y(i,s))||(s===void 0?this.held.delete(t):this.held.set(t,this.#n?C(s):s),
e.push({key:t,old:i,row:s}))}#g(){this.#i=null,this.touched=!0}#p(t){return t.map(({key:s,old:e,row:i})=>({table:this.name,
op:e===void 0?"insert":i===void 0?"delete":"update",key:s,old:e??null,new:i??null}))}};function K(r,t){let s=t.map(e=>r[e]);
return s.length===1?s[0]:JSON.stringify(s)}var ct=18,U={socket(r,t,s){let e=new URL(t(),r.address());e.protocol=e.protocol.replace("http","ws");let i=r.webSocket(String(
e));return i.onmessage=({data:n})=>{let o=S(n);s(o.mustRefetch?"refetch":"message",o)},i.onclose=({reason:n})=>{let o=Number(
/^retry=(\d+)$/.exec(n)?.[1]??0);s("lost",Object.assign(new Error("the connection was lost"),{retryAfter:o}))},()=>i.close()},
stream(r,t,s){let e=r.eventSource(t());return e.onmessage=({data:i})=>s("message",S(i)),e.addEventListener("must-refetch",
()=>s("refetch")),e.onerror=()=>s("lost",new Error("the connection was lost")),()=>e.close()},poll(r,t,s){let e=new AbortController,
{signal:i}=e;return(async()=>{for(let n=0;!i.aborted;n=ct){let{body:o}=await p(r,t(n),{signal:i});s("message",o)}})().catch(
n=>s(n.status===410?"refetch":"lost",n)),()=>e.abort()}};var v=Object.keys(U),ut={reading:{read:"connect",failed:"wait",sleep:"pause",close:"end"},connecting:{message:"live",lost:"\
wait",silent:"wait",refetch:"read",turn:"turn",sleep:"pause",close:"end"},live:{message:"live",lost:"wait",silent:"wait",
refetch:"read",turn:"turn",sleep:"pause",close:"end"},waiting:{timer:"resume",wake:"resume",sleep:"pause",close:"end"},unauthorized:{
wake:"resume",sleep:"pause",close:"end"},refused:{wake:"resume",sleep:"pause",close:"end"},paused:{wake:"resume",close:"\
end"},closed:{}},dt=25*1e3,ft=8*1e3,W=1e3,pt=3*1e3,mt=30*1e3,B={first:10*1e3,most:300*1e3},Y=5*1e3,wt=2*1e3,T=class{#t="\
waiting";#e=null;#i=null;#n=null;#r=null;#s;#o=0;#h=0;#c=()=>{};#u=0;#a=new Map;#l=0;#g=[];#p=!1;#y=0;#R=0;#m=B.first;#w=-1/0;#d;#b;#S=new AbortController;constructor(t,s,e=null){
this.#d=t,this.#b=s,this.#s=e}start(){let t=()=>this.fire("wake");this.#d.onPage(this.#S.signal,{sleep:()=>this.fire("sl\
eep"),restore:t,online:t}),this.#O("resume")}close(){this.fire("close")}follows(t){return this.#a.get(this.#l)?.terms.includes(
t)?this.#s:null}turn(){this.#a.get(this.#l)?.terms.join()!==this.#b.terms.join()&&this.fire("turn")}fire(t,s){let e=ut[this.#t][t];
e&&this.#O(e,s)}#O(t,s){switch(t){case"live":return this.#_(s);case"wait":return this.#P(s);case"connect":return this.#s=
s,this.#k();case"turn":return this.#k();case"read":return this.#T();case"resume":return this.#s===null?this.#x():this.#k();case"\
pause":return this.#f("paused",()=>()=>{});case"end":return this.#S.abort(),this.#f("closed",()=>()=>{})}}#f(t,s){this.#c(),
this.#t=t,t!=="connecting"&&t!=="live"&&(this.#e=null),t!=="waiting"&&(this.#n=null);let e=!0,i=s((n,o)=>e&&this.fire(n,
o));this.#c=()=>{e=!1,i()},this.#v()}#v(){this.#b.state({phase:this.#t,transport:this.#e,role:"alone",shared:!1,error:this.#i,
retryAt:this.#n,staleSince:this.#r})}#x(){this.#f("reading",t=>{let s=new AbortController;return this.#b.read(s.signal).
then(e=>t("read",e),e=>t("failed",e)),()=>s.abort()})}#T(){this.#s=null;let t=this.#d.now(),s=t-this.#w<Y;this.#w=t,s?this.#P(
new Error("the server asks to read again, and again")):this.#x()}#k(){let t=this.#d;this.#u=t.time(),this.#e=v[this.#l],
this.#g=this.#p?[]:[...v.keys()].filter(s=>s!==this.#l),this.#f("connecting",s=>{let e=t.setInterval(()=>this.#D(s),wt);
return this.#E(this.#l,s),this.#A(W,()=>this.#N(s)),()=>{t.clearInterval(e),t.clearTimeout(this.#y),[...this.#a.keys()].
forEach(i=>this.#M(i))}})}#A(t,s){this.#d.clearTimeout(this.#y),this.#y=this.#d.setTimeout(s,t)}#E(t,s){let{terms:e}=this.#b,
i={terms:e,from:this.#s,heard:this.#d.time(),close:()=>{}};this.#a.set(t,i);let n=h=>(i.from=this.#s,this.#b.address(e,this.#s,
h)),o=(h,a)=>{this.#a.get(t)===i&&(i.heard=this.#d.time(),this.#C(t,s,h,a))};try{i.close=U[v[t]](this.#d,n,o)}catch(h){queueMicrotask(
()=>o("lost",h))}}#M(t){let s=this.#a.get(t);this.#a.delete(t),s?.close()}#C(t,s,e,i){if(this.#t==="live"&&t!==this.#l){
let n=e==="message"?this.#L(t,i):null;n?(this.#$(t,s),this.#v(),s("message",n)):e!=="message"&&this.#I(t,s)}else this.#t===
"connecting"&&e==="lost"&&(this.#a.size>1||this.#g.length>0)?(this.#M(t),this.#N(s),this.#v()):(this.#t==="connecting"&&
e!=="lost"&&this.#$(t,s),s(e,i))}#N(t){let s=this.#g.shift();s!==void 0&&(this.#e=v[s],this.#E(s,t),this.#A(W,()=>this.#N(
t)))}#$(t,s){this.#l=t,this.#p=!0,this.#e=v[t],[...this.#a.keys()].filter(e=>e!==t).forEach(e=>this.#M(e)),t===0&&(this.#m=
B.first),this.#A(this.#m,()=>this.#j(s))}#j(t){if(this.#t!=="live"||this.#l===0)return;let s=this.#R++%this.#l;this.#m=Math.
min(2*this.#m,B.most),this.#E(s,t),this.#A(pt,()=>this.#I(s,t))}#I(t,s){this.#M(t),this.#A(this.#m,()=>this.#j(s))}#L(t,s){
if(this.#a.get(t)?.from===this.#s)return s;let[e,i]=[this.#s,s.cursor].map(n=>n&&m(n));return!e||!i||!b(i,e)?null:{...s,
changes:s.changes.filter(({txid:n})=>!g(e,n))}}#D(t){let s=this.#t==="live",e=this.#d.time()-(s?this.#a.get(this.#l)?.heard??
0:this.#u);e>(s?dt:ft)&&t("silent",new Error(`no word from the server for ${Math.round(e/1e3)} s`))}#_(t){let{cursor:s,staleSince:e=null}=t;
this.#s=s;let i=this.#t==="connecting";i&&(this.#t="live",this.#h=this.#d.now(),this.#i=null),(i||e!==this.#r)&&(this.#r=
e,this.#v()),this.#b.batch(t,this.#a.get(this.#l)?.terms)}#P(t){if(this.#t==="connecting"&&this.#p&&(this.#l=(this.#l+1)%
v.length),this.#t==="live"&&this.#d.now()-this.#h>Y&&(this.#o=0),this.#i=t?.message??null,this.#r=null,k(t??{})){this.#f(
t?.status===401?"unauthorized":"refused",()=>()=>{});return}let s=(t?.retryAfter??0)+M(this.#d,this.#o++,mt);this.#n=this.#d.
time()+s,this.#f("waiting",e=>{let i=this.#d.setTimeout(()=>e("timer"),s);return()=>this.#d.clearTimeout(i)})}};var gt=2*1e3,Q={waiting:5*1e3,supplied:75*1e3},yt=100,j=class{#t;#e;#i;#n;#r=null;#s=null;#o=0;#h=new AbortController;constructor(t,s,e){
this.#t=t.uuid(),this.#e=t,this.#i=s,this.#n=e}get joined(){return this.#r!==null}join(){let t=this.#e;this.#h=new AbortController;
let{signal:s}=this.#h;this.#r=t.channel(this.#i),this.#r.onmessage=({data:i})=>this.#a(i),this.#o=t.time(),this.#s=null,
this.#n.joined(),this.#c(s,{signal:s});let e=t.setInterval(()=>this.#u(),gt);s.addEventListener("abort",()=>t.clearInterval(
e))}leave(){this.send({kind:"bye"}),this.#h.abort(),this.#s=null,this.#r?.close(),this.#r=null}send(t){this.#r?.postMessage(
{from:this.#t,...t})}#c(t,s){this.#e.locks().request(this.#i,s,async()=>{if(t.aborted)return;let e=new Promise(i=>t.addEventListener(
"abort",i));this.#s=this.#t,await this.#n.elected(t),await e}).catch(()=>{t.aborted||this.#s!==this.#t||(this.#s=null,this.#n.
deposed(),this.#c(t,{signal:t}))})}async grace(){let{pending:t=[]}=await this.#e.locks().query();t.some(({name:s})=>s===
this.#i)&&await new Promise(s=>this.#e.setTimeout(()=>s(null),yt))}#u(){let t=this.#e.time(),s=this.#n.supplied()?Q.supplied:
Q.waiting;this.#s!==this.#t&&t-this.#o>s&&(this.#o=t,this.#c(this.#h.signal,{steal:!0}))}#a(t){let{kind:s,from:e,to:i}=t;
if(!(i&&i!==this.#t)){if(this.#s===this.#t){this.#n.lead(t);return}if(!["hello","need","mismatch","retry"].includes(s)){
if(s==="bye"){e===this.#s&&(this.#s=null);return}(s==="lead"||this.#s===null)&&(this.#s=e),e===this.#s&&(this.#o=this.#e.
time(),this.#n.follow(t))}}}};function E(r,t){return t.every(s=>r.includes(s))}function A(r){return[...new Set(r)].sort()}function R(r){return r.length<=
100&&r.join("&").length<=11e3}var bt=10*1e3,I=class{#t=new Map;#e;#i=null;#n=new AbortController;#r;#s;#o;constructor(t,s,e){this.#r=t,this.#s=s,this.#o=
e,this.#e=e.position.followed}get connected(){return this.#i!==null}start(){this.#r.setTimeout(()=>this.#e=[],bt);let{position:t}=this.#o;
t.followed=this.#h(),this.#i=new T(this.#r,this.#c(),t.cursor),this.#i.start()}end(){this.#n.abort(),this.#i?.close()}get shares(){
return this.#t.size>0}refetch(){this.#i?.fire("refetch")}retry(){this.#i?.fire("wake")}forget(t){this.#t.delete(t)&&this.#o.
show(this.#o.state())}turn(){let{position:t}=this.#o,s=this.#h();return R(s)?(s.join()!==t.followed.join()&&this.#i?.fire(
"turn"),!0):!1}#h(){return A([...this.#s.terms,...this.#e,...[...this.#t.values()].flat()])}#c(){let t=this,s=this.#o,{position:e}=s;
return{...this.#s,get terms(){return e.followed=t.#h()},read:async i=>{s.stopReading();let n=await this.#s.read(i).catch(
o=>{if(!k(o))throw o;return s.goAlone(),new Promise(()=>{})});return e.cursor=n,e.epoch=this.#r.uuid(),s.send({...s.copy(
this.#s.specs),to:null}),n},batch:i=>{let{epoch:n,cursor:o,followed:h}=e;s.send({kind:"batch",epoch:n,after:o,followed:h,
batch:i}),s.take(i)},state:i=>{this.#n.signal.aborted||(s.send({kind:"state",state:i}),s.show(i))}}}async provide(t,s,e){
let i=this.#o,{position:n}=i;if(!E(n.followed,s)){let{signal:o}=this.#n,h=this.#s.address(s,n.cursor,0),a=!R(A([...this.#h(),
...s]))||await p(this.#r,h,{signal:o}).then(()=>!1,k);if(o.aborted)return;if(a){i.send({kind:"refused",to:t});return}}this.#t.
set(t,s),E(n.followed,s)||(n.followed=this.#h(),this.#i?.fire("turn")),i.show(i.state()),e&&(n.cursor&&this.#i&&i.send({
...i.copy(e),to:t}),i.send({kind:"state",to:t,state:i.state()}))}};var kt=1e3,P=class{#t=[];#e=new AbortController;#i=0;#n;#r;#s;#o;constructor(t,s,e,i){this.#n=t,this.#r=s,this.#s=e,this.#o=
i}async run(){let{signal:t}=this.#e;try{await this.#r.read(t,this.#s),t.aborted||this.#o.done(this.#t)}catch(s){if(t.aborted)
return;if(k(s)){this.#o.refused();return}this.#o.failed(s);let e=(s.retryAfter||1e3)*(1+this.#n.random());this.#i=this.#n.
setTimeout(()=>this.run(),e)}}hold(t){return this.#t.push(t)<=kt}stop(){this.#e.abort(),this.#n.clearTimeout(this.#i)}};var St=10,V={shared:!0,error:null,retryAt:null,staleSince:null},L=class{#t;#e;#i;#n={cursor:null,epoch:null,followed:[]};#r=!0;#s=null;#o=null;#h=null;#c=new Set;#u={
phase:"reading",transport:null,role:"follower",...V};#a=new AbortController;constructor(t,s,e){this.#t=t,this.#e=s,this.#i=
e===null?null:new j(t,e,{joined:()=>this.#f(),elected:i=>this.#R(i),deposed:()=>this.#m(),supplied:()=>this.#n.cursor!==
null,lead:i=>this.#d(i),follow:i=>this.#b(i)})}start(){if(!this.#i){this.#p();return}this.#t.onPage(this.#a.signal,{sleep:()=>this.#y(
"paused"),restore:()=>this.#g(),online:()=>{}}),this.#g()}close(){this.#a.abort(),this.#h?this.#h.close():this.#y("close\
d")}requestRead(t){this.#h||this.#s?this.#l(t):this.#i?.send({kind:"mismatch",spec:t})}async#l(t){if(this.#c.has(t))return;
this.#c.add(t);let{epoch:s}=this.#n,e=this.#t.now();try{let{rows:n,snapshot:o,shape:h,whole:a}=await this.#e.readAgain(t,
this.#a.signal),l={spec:t,rows:n,snapshot:o,shape:h,whole:a};this.#i?.send({kind:"reread",epoch:s,...l}),s===this.#n.epoch&&
this.#e.reread(l)}catch{}let i=Math.max(1e3,St*(this.#t.now()-e));this.#t.setTimeout(()=>this.#c.delete(t),i)}follows(t){
return this.#h?this.#h.follows(t):!this.#r&&!this.#o&&this.#n.followed.includes(t)?this.#n.cursor:null}turn(){this.#a.signal.
aborted||(this.#h?this.#h.turn():this.#s?this.#s.turn()||this.#p():this.#i?.send({kind:"need",terms:this.#e.terms}))}retry(){
this.#h?this.#h.fire("wake"):this.#s?this.#s.retry():this.#i?.send({kind:"retry"})}#g(){!this.#h&&!this.#i?.joined&&this.#i?.
join()}#p(){this.#y("waiting"),this.#h=new T(this.#t,this.#e),this.#h.start()}#y(t){this.#i?.joined&&(this.#i.leave(),this.#w(),
this.#T(),this.#e.state({phase:t,transport:null,role:"follower",...V,shared:!1}))}async#R(t){let s=this.#i,e=new I(this.#t,
this.#e,{position:this.#n,state:()=>this.#u,send:i=>s.send(i),copy:i=>this.#v(i),take:i=>this.#O(i),show:i=>this.#k(i),stopReading:()=>this.#T(),
goAlone:()=>this.#p()});this.#s=e,s.send({kind:"lead",lost:this.#r}),this.#r&&await s.grace(),!(t.aborted||this.#s!==e)&&
(this.#r=!1,e.start())}#m(){this.#w(),this.#i?.send({kind:"bye"}),this.#f()}#w(){let t=this.#s;this.#s=null,t?.end()}#d(t){
let{from:s}=t;switch(t.kind){case"mismatch":this.#l(t.spec);break;case"retry":this.#s?.retry();break;case"bye":this.#s?.
forget(s);break;case"hello":this.#s?.provide(s,t.terms,t.specs);break;case"need":this.#s?.provide(s,t.terms,null);break;case"\
copy":this.#r&&!this.#s?.connected&&this.#x(t);break}}#b(t){switch(t.kind){case"lead":this.#i?.send({kind:"need",terms:this.#e.
terms}),this.#r?this.#f():t.lost&&this.#i?.send({...this.#v(this.#e.specs),to:t.from});break;case"copy":(this.#r||t.epoch!==
this.#n.epoch)&&this.#x(t);break;case"batch":this.#S(t);break;case"reread":t.epoch===this.#n.epoch&&this.#e.reread(t);break;case"\
state":this.#k(t.state);break;case"refused":this.#p();break}}#S({epoch:t,after:s,followed:e,batch:i}){if(this.#r)return;
let n=this.#n;if(t!==n.epoch||!E(e,this.#e.needs)){this.#f();return}if(s!==n.cursor){let[o,h]=[n.cursor,s].map(a=>a&&m(a));
if(this.#o||!o||!h||!b(o,h)){this.#f();return}this.#e.skip(o)}n.followed=e,this.#O(i)}#O(t){this.#n.cursor=t.cursor,this.#o?
this.#o.hold(t)||(this.#s?this.#s.refetch():this.#f()):this.#e.batch(t,this.#n.followed)}#f(){this.#T(),this.#r=!0,this.#i?.
send({kind:"hello",terms:this.#e.terms,specs:this.#e.specs})}#v(t){return{kind:"copy",...this.#n,tables:this.#o?[]:this.#e.
copy(t)}}#x({epoch:t,cursor:s,followed:e,tables:i}){if(this.#T(),!this.#s&&!E(e,this.#e.needs)){this.#f();return}this.#r=
!1,Object.assign(this.#n,{epoch:t,cursor:s,followed:e});let n=s===null?null:m(s),o=new Map(i.map(([h,a])=>[h,{...a,snapshot:a.
snapshot??n}]));this.#o=new P(this.#t,this.#e,o,{done:h=>{this.#o=null,h.forEach(a=>this.#e.batch(a,this.#n.followed)),this.#k()},
failed:({message:h})=>this.#k(this.#u,h),refused:()=>this.#p()}),this.#k(),this.#o.run()}#T(){this.#o&&(this.#o.stop(),this.#o=
null,this.#n.cursor=null,this.#r=!0)}#k(t=this.#u,s=t.error){this.#u=t;let e=this.#r||this.#o!==null,i=this.#s?"leader":
"follower",n=!this.#s||this.#s.shares;this.#e.state({...t,error:s,role:i,shared:n,phase:t.phase==="live"&&e?"connecting":
t.phase})}};var X=300*1e3,Ot=2*X,vt=1e3,D=class{#t;#e;#i=new WeakMap;constructor(t,s){this.#t=t,this.#e=s}check(t,s,e){if(t.mismatch||
t.agrees(s))return;let i=this.#n(t,e);if(!i)return;let n=this.#s(t);n.attempts>0&&!n.warned&&(n.warned=!0,this.#t.warn(`\
pbp: ${t.name}, key ${t.keyOf(s.key)}: not the row that the feed says, even read again`));let o=()=>{let h=M(this.#t,n.attempts++,
X);this.#r(t,i,h,o)};o()}complete(t,s){let e=t.incomplete&&!t.mismatch&&this.#n(t,s);if(!e)return;t.incomplete=!1,this.#e(
t.spec);let i=()=>this.#r(t,e,vt,i);i()}#n(t,s){let e=m(s);return e&&(t.mismatch={snapshot:e,changed:new Map,emptied:null})}#r(t,s,e,i){
this.#t.setTimeout(()=>{t.mismatch===s&&(this.#e(t.spec),i())},e)}#s(t){let s=this.#t.now(),e=this.#i.get(t)??{at:-1/0,attempts:0,
warned:!1};return s-e.at>Ot&&(e.attempts=0),e.at=s,this.#i.set(t,e),e}settle(t,s){let e=t.mismatch?.snapshot;return e===
null||e&&s.snapshot&&b(s.snapshot,e)?t.reread(s):[]}};var Tt=30*1e3,Z=100,Et=500,At={insert:"POST",update:"PATCH",delete:"DELETE"},Rt=1e3/2,_=class{#t=[];#e=new Set;#i;#n;#r;#s=!1;#o=0;#h=null;#c=new AbortController;#u=0;constructor(t,s,e){
this.#i=t,this.#n=s,this.#r=e}get inserting(){return this.#h?.kind==="insert"}get count(){return this.#t.length}get unsent(){
return this.#t.length-this.answered().length}concern(t,s){return this.#l(t,s).length>0}answered(){return this.#t.filter(
t=>t.stage==="answered")}insert(t,s){return this.#a("insert",t,null,s)}update(t,s,e,i){return this.#a("update",t,s,e,i)}delete(t,s,e){
return this.#a("delete",t,s,{},e)}#a(t,s,e,i,n){return this.#t.length>=Z?Promise.reject(new f(`${s.name}: ${Z} writes ar\
e waiting for the server already; try again later`,{status:503})):e!==null&&!s.rows.has(e)?Promise.reject(new f(`${s.name}\
: no row with key ${e}`,{status:404})):new Promise((o,h)=>{let a={kind:t,table:s,key:e??`new-${++this.#u}`,fields:i,expect:n,
stage:"queued",txid:null,row:null,resolve:o,reject:h};this.#t.push(a),this.#p(a,"pending"),this.#y()})}open(t){this.#s=t,
this.#y()}close(){this.#c.abort(),this.#i.clearTimeout(this.#o);for(let t of[...this.#t])this.#S(t,new f(`${t.table.name}\
: closed before the server confirmed this`))}confirmed(t){if(this.#e.add(t),this.#e.size>Et){let[e]=this.#e;this.#e.delete(
e)}let s=this.#t.find(e=>e.txid===t&&e.stage==="answered");return s?this.settle(s):[]}passed(t){let s=this.answered(),e=s.
length>0&&m(t);return e?s.filter(({txid:i})=>i!==null&&g(e,i)).flatMap(i=>this.settle(i)):[]}settle(t){this.#g(t);let s=t.
table.overlay(t.key,this.#l(t.table,t.key));return this.#n("write",{table:t.table.name,key:t.key,stage:"saved",error:null}),
t.resolve(t.row),s}#l(t,s){return this.#t.filter(e=>e.table===t&&e.key===s)}#g(t){this.#t=this.#t.filter(s=>s!==t)}#p({table:t,
key:s},e,i=null){let n=t.overlay(s,this.#l(t,s));this.#n("transaction",{txid:null,changes:n}),this.#n("write",{table:t.name,
key:s,stage:e,error:i})}async#y(){let t=this.#t.find(({stage:s})=>s==="queued");if(!(!t||!this.#s||this.#h||this.#o)){this.#h=
t;try{let{response:s,body:e}=await this.#R(t);this.#m(t,s.headers.get("PBP-Txid"),e)}catch(s){this.#c.signal.aborted||this.#b(
t,s)}this.#h=null,this.#r(),this.#y()}}async#R({kind:t,table:s,key:e,fields:i,expect:n}){let o=N(this.#c.signal,Tt),h={},
a=t==="insert"?s.url:s.addressOf(e);if(n){let{response:d,body:w}=await p(this.#i,a,{signal:o});if(!y({...w,...n},w))throw new f(
`${s.name}: the row with key ${e} has changed since you read it`,{status:412,current:w});h["If-Match"]=String(d.headers.
get("ETag"))}let l=At[t];if(t==="delete")return p(this.#i,a,{method:l,headers:h,signal:o});h["Content-Type"]="applicatio\
n/json";let c={headers:h,signal:o,body:JSON.stringify(i)};return p(this.#i,a,{method:l,...c}).catch(d=>{if(t!=="update"||
d.status!==405)throw d;return p(this.#i,a,{method:"PUT",...c})})}#m(t,s,e){if(Object.assign(t,{stage:"answered",txid:s,row:e}),
t.kind==="insert"&&e&&this.#d(t,e),!s||this.#e.has(s)){let i=this.settle(t);this.#n("transaction",{txid:null,changes:i})}else
t.table.lens?.narrows&&this.#i.setTimeout(()=>this.#w(t),Rt)}async#w(t){let s=()=>this.#t.includes(t);s()&&await t.table.
lens?.leavesOut(t,this.#c.signal)&&s()&&this.#n("transaction",{txid:null,changes:this.settle(t)})}#d(t,s){let{table:e}=t,
[i,n]=[String(t.key),e.keyOf(s)],o=e.rows.get(i)??null,h=e.rename(i,n);this.#t.forEach(d=>d.table===e&&d.key===i&&(d.key=
n)),t.fields=e.lens?.project(s)??s;let a=e.overlay(n,this.#l(e,n)),l={table:e.name,op:"update",key:n,was:i,old:o,new:e.rows.
get(n)??null},c=e.lens?.aside([...h,...a],i,n)??[];this.#n("transaction",{txid:null,changes:[l,...c]})}#b(t,s){let{kind:e,
fields:i}=t,n=s.status===503||s.status===429,o=s instanceof TypeError||s.name==="TimeoutError";e==="delete"&&s.status===
404?this.#m(t,null,null):e==="update"&&s.status===412&&s.current&&y({...s.current,...i},s.current)?this.#m(t,null,s.current):
o&&e==="insert"?this.#S(t,new f(`${t.table.name}: the connection broke while this was sent; if it was saved, it will sho\
w`)):n||o?this.#o=this.#i.setTimeout(()=>{this.#o=0,this.#y()},s.retryAfter||1e3):this.#S(t,s)}#S(t,s){this.#g(t),this.#p(
t,"refused",s),t.reject(s);for(let e of t.kind==="insert"?this.#l(t.table,t.key):[])this.#S(e,new f(`${t.table.name}: th\
e row was not added`,{status:404}))}};var tt=1e3,xt=10*1e3,q=class extends EventTarget{#t=new Map;#e=new Map;#i;#n;#r;#s;#o;#h=[];#c=0;#u={phase:"reading",transport:null,
role:"alone",shared:!1,error:null,retryAt:null,staleSince:null};#a=et(this.#u,0);#l=new AbortController;#g=()=>{};constructor({
base:t,tables:s,share:e=!0},i){super();let n=t??i.base(),o=Mt(n,i);this.#i=i,this.#n=new $(i,n);let h=Array.isArray(s)?s.
map(l=>[l,{}]):Object.entries(s);for(let[l,c]of h)this.#t.set(l,new O(this.#n,l,c));if(this.#t.size===0)throw new TypeError(
"connect: tables: name at least one table to follow");this.ready=new Promise(l=>this.#g=l),this.#s=new _(i,(l,c)=>this.#E(
l,c),()=>this.#M()),this.#o=new D(i,l=>this.#r.requestRead(l));let a=e&&i.canShare()?`pbp ${o}`:null;this.#r=new L(i,this.#y(
n),a),this.#p()}async#p(){try{let t=[...this.#t.values()].filter(({isPlain:s})=>!s);t.length>0&&await Promise.all(t.map(
s=>s.prepare()))}catch(t){this.#k({...this.#u,error:t.message}),this.#i.setTimeout(()=>this.#p(),tt);return}this.#l.signal.
aborted||this.#r.start()}#y(t){let s=()=>[...this.#t.values()],e=[];return{get terms(){let i=A(s().flatMap(({admitted:n,
term:o})=>n?[o]:[]));return i.length>0?e=i:e},get needs(){return s().flatMap(i=>i.loading&&!i.mismatch?[]:[i.term])},get specs(){
return s().map(i=>i.spec)},address:(i,n,o)=>{let h=[n&&`cursor=${encodeURIComponent(n)}`,o!==void 0&&`wait=${o}`];return`${t}\
/api/_changes?${[...i,...h.filter(Boolean)].join("&")}`},read:async(i,n=new Map)=>{let o=s().filter(({loading:l,spec:c})=>!l||
n.has(c)),h=await this.#d(o.filter(({spec:l})=>!n.has(l)),i),a=o.flatMap(l=>{let c=n.get(l.spec);return c?[{table:l,...c}]:
[]});return this.#b([...h,...a]),h[0]?.cursor},readAgain:async(i,n)=>(await O.of(this.#n,i)).read(n),copy:i=>(this.#f(),
s().filter(({spec:n,mismatch:o,loading:h})=>i.includes(n)&&!o&&!h).map(n=>[n.spec,n.copy()])),batch:(i,n)=>this.#O({...i,
followed:n}),skip:i=>s().forEach(n=>n.skip(i)),reread:i=>this.#O(i),state:i=>this.#k(i)}}get state(){return this.#a}get views(){
return[...this.#t.keys()]}view(t,s={}){let e=this.#t.get(t);if(e&&st(e.options)!==st(s))throw new RangeError(`${t}: ther\
e is another view of this name`);if(e)return e.addition?e.addition.done.then(()=>this):this.ready;let i=Object.assign(new O(
this.#n,t,s),{loading:!0,admitted:!1});return this.#t.set(t,i),this.#R(i)}async#R(t){let{signal:s}=this.#l,{Addition:e}=await import("./pbp-views.js").
catch(i=>{throw this.#m(t,i),i});return await t.prepare(),t.addition=new e(t,{platform:this.#i,fits:()=>R(A([...this.#t.
values()].map(({term:i})=>i))),follows:()=>this.#r.follows(t.term)!==null,request:async()=>{await p(this.#i,`${this.#n.base}\
/api/_changes?${t.term}&wait=0`,{signal:s})},turn:()=>{this.#r.turn();let i=this.#r.follows(t.term);i&&this.#T(t,i)},read:async()=>{
let i=await t.read(s);t.dropped||this.#O({spec:t.spec,...i})},refuse:i=>this.#m(t,i)}),await t.addition.begin(),this}drop(t){
let s=this.#t.get(t);s&&(this.#m(s),this.#i.setTimeout(()=>this.#r.turn(),xt))}#m(t,s=new f(`${t.name}: dropped before i\
t was read`)){this.#t.delete(t.name),t.dropped=!0,t.mismatch=null,t.addition?.end(s)}table(t){return this.#w(t).rows}snapshot(t){
return this.#w(t).list}subscribe(t,s){this.#w(t);let e=this.#e.get(t)??new Set;this.#e.set(t,e);let i=()=>s();return e.add(
i),()=>{e.delete(i),e.size===0&&this.#e.get(t)===e&&this.#e.delete(t)}}keyOf(t,s){return this.#w(t).keyOf(s)}describe(){
return this.#n.describe()}retry(){this.#r.retry()}insert(t,s){return this.#s.insert(this.#w(t),s)}update(t,s,e,{expect:i}={}){
return this.#s.update(this.#w(t),s,e,i)}delete(t,s,{expect:e}={}){return this.#s.delete(this.#w(t),s,e)}pending(t,s){return this.#s.
concern(this.#w(t),s)}get writing(){return this.#s.count}close(){this.#l.abort(),this.#r.close(),this.#s.close(),this.#k(
{...this.#u,phase:"closed"});for(let t of this.#t.values())t.mismatch=null,t.loading&&this.#m(t)}#w(t){let s=this.#t.get(
t);if(!s)throw new RangeError(`${t}: not among the tables connected to (${this.views.join(", ")})`);return s}async#d([t,
...s],e){if(!t)return[];let i=[await t.read(e)];return i.push(...await Promise.all(s.map(n=>n.read(e)))),e.throwIfAborted(),
i}#b(t){this.#h=[];let s=new Map(t.map(({table:n,snapshot:o})=>[n,o])),i=[...this.#s.answered().filter(({table:n,txid:o})=>{
let h=s.get(n);return!h||o===null||g(h,o)}).flatMap(n=>this.#s.settle(n)),...t.flatMap(({table:n,rows:o,snapshot:h,shape:a,
whole:l})=>n.dropped?[]:n.replace(o,h,a,l))];this.#t.forEach(n=>n.loading&&(n.mismatch=null)),this.#E("transaction",{txid:null,
changes:i}),this.#S(),this.#g(this)}#S(){for(let{loading:t,addition:s}of this.#t.values())t||s?.end(null)}#O(t){this.#h.
push(t)>1||(this.#s.inserting?this.#c=this.#i.setTimeout(()=>this.#f(),tt):this.#f())}#f(){this.#i.clearTimeout(this.#c);
for(let t;t=this.#h.shift();)"spec"in t?this.#v(t):this.#x(t)}#v(t){let s=[...this.#t.values()].filter(({spec:e})=>e===t.
spec);this.#E("transaction",{txid:null,changes:s.flatMap(e=>this.#o.settle(e,t))}),this.#S()}#x({cursor:t,changes:s,followed:e}){
let i=[...this.#t.values()],n=new Map;for(let h of i)n.set(h.stream,[...n.get(h.stream)??[],h]);for(let h=0;h<s.length;){
let{txid:a}=s[h],l=[],c=!1,d=h;for(;d<s.length&&s[d].txid===a;d++){let w=s[d];for(let x of n.get(w.view??w.table)??[])if(x.
awaits(w)){c||=!x.loading,this.#o.check(x,w,t);for(let it of x.apply(w))l.push(it)}}l.push(...this.#s.confirmed(a)),(c||
l.length>0)&&this.#E("transaction",{txid:a,changes:l}),h=d}for(let h of i)h.reached(t),this.#o.complete(h,t),e?.includes(
h.term)&&this.#T(h,t);let o=this.#s.passed(t);o.length>0&&this.#E("transaction",{txid:null,changes:o})}#T(t,s){!t.loading||
!t.admitted||t.mismatch||(t.mismatch={snapshot:m(s),changed:new Map,emptied:null},t.addition?.load())}#k(t){y(t,this.#u)||
(this.#u=t,this.#s.open(t.phase==="live"),this.#A())}#A(){this.#a=et(this.#u,this.#s.unsent),this.dispatchEvent(new CustomEvent(
"state",{detail:this.#a}))}#E(t,s){(t!=="transaction"||s.txid||s.changes.length>0)&&this.dispatchEvent(new CustomEvent(t,
{detail:s}));for(let[e,i]of this.#t)i.touched&&(i.touched=!1,[...this.#e.get(e)??[]].forEach(n=>n()));this.#C()}#M(){this.#f(),
this.#C()}#C(){this.#s.unsent!==this.#a.unsent&&this.#A()}};function st(r){return JSON.stringify(r,(t,s)=>typeof s=="big\
int"?String(s):s)}function et(r,t){return Object.freeze({...r,unsent:t})}function Mt(r,t){try{return new URL(`${r}/`,t.address())}catch{
throw new TypeError("connect: base: there is no page here, so it has to be the address of the site")}}var Cs=r=>new q(r,H);export{f as Refused,Cs as connect};
