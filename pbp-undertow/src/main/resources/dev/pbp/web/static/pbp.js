// Made from client/src by client/build.js; not to be edited. Types: pbp.d.ts.
var L={now:()=>performance.now(),time:()=>Date.now(),random:()=>Math.random(),setTimeout:(r,t)=>setTimeout(r,t),clearTimeout:r=>clearTimeout(
r),setInterval:(r,t)=>setInterval(r,t),clearInterval:r=>clearInterval(r),fetch:(r,t)=>fetch(r,t),webSocket:r=>new WebSocket(
r),eventSource:r=>new EventSource(r),channel:r=>new BroadcastChannel(r),locks:()=>navigator.locks,uuid:()=>crypto.randomUUID(),
canShare:()=>"locks"in navigator&&"BroadcastChannel"in globalThis,address:()=>location.href,warn:r=>console.warn(r),onPage(r,{
sleep:t,restore:e,online:s}){window.addEventListener("pagehide",t,{signal:r}),document.addEventListener("freeze",t,{signal:r}),
window.addEventListener("pageshow",e,{signal:r}),document.addEventListener("resume",e,{signal:r}),window.addEventListener(
"online",s,{signal:r}),document.addEventListener("visibilitychange",()=>document.visibilityState==="visible"&&s(),{signal:r})}};function f(r){if(!/^A[\w-]+$/.test(r)||r.length%4===1)return null;let t=Uint8Array.from(atob(r.replace(/-/g,"+").replace(
/_/g,"/")),o=>o.charCodeAt(0));if(t[0]!==1)return null;let e=1,s=()=>{for(let o=0,h=1;;h*=128){let a=t[e++]??0;if(o+=a%128*
h,a<128)return o}},i=s(),n=new Set;for(let o=s(),h=i;o>0&&e<t.length;o--)h-=s(),n.add(h);return{xmax:i,running:n}}function w({
xmax:r,running:t},e){return Number(e)<r&&!t.has(Number(e))}function m(r,t){return t.xmax<=r.xmax&&[...r.running].every(e=>!w(
t,e))}function S(r,t,e){return r.random()*Math.min(e,1e3*2**t)}function g(r){return/\d{16}/.test(r)?JSON.parse(r,J):JSON.parse(r)}function J(r,t,e){let s=e?.source??"";return typeof t==
"number"&&!Number.isSafeInteger(t)&&/^-?\d+$/.test(s)?s:t}function p(r,t){if(r===t)return!0;if(!D(r)||!D(t))return!1;let e=Object.
keys(r);return e.length===Object.keys(t).length&&e.every(s=>p(r[s],t[s]))}function D(r){return typeof r=="object"&&r!==null}
function _(r,t){return p(r,t)||Object.keys({...r,...t}).every(e=>p(r[e]??null,t[e]??null))}var u=class extends Error{constructor(t,{status:e=0,problem:s={},current:i=null,retryAfter:n=0}={}){super(t),this.name="\
Refused",this.status=e,this.problem=s,this.current=i,this.retryAfter=n}};function v({status:r}){return[400,401,403,404].
includes(r)}async function d(r,t,{headers:e={},...s}){let i=await r.fetch(t,{cache:"no-store",...s,headers:{Accept:"appl\
ication/json",...e}}),n=await i.text();if(i.ok)return{response:i,body:n?g(n):null};let o=i.headers.get("Content-Type")?.
includes("json")?g(n):{};throw new u(o.detail??`${t}: ${i.status} ${i.statusText}`,{status:i.status,problem:o,current:o.
current??null,retryAfter:(Number(i.headers.get("Retry-After"))||0)*1e3})}function E(r,t){return"any"in AbortSignal?AbortSignal.
any([r,AbortSignal.timeout(t)]):r}var z=60*1e3,y=class r{rows=new Map;snapshot=null;mismatch=null;#t=new Map;#s;constructor(t,{url:e,key:s=["id"]},i={}){this.
name=t,this.url=e,this.keyColumns=[s].flat(),this.#s=Object.entries(i),this.spec=JSON.stringify([t,e,this.keyColumns,this.#s])}static of(t){
let[e,s,i,n]=JSON.parse(t);return new r(e,{url:s,key:i},Object.fromEntries(n))}get term(){let[t]=this.#s;return t?`${this.
name}.${t[0]}=${t[1]}`:this.name}keyOf(t){let e=this.keyColumns.map(s=>t[s]);return e.length===1?e[0]:JSON.stringify(e)}awaits({
op:t,old:e,new:s,txid:i}){return this.snapshot&&w(this.snapshot,i)?!1:this.#s.length===0||t==="truncate"||!!(e&&this.matches(
e)||s&&this.matches(s))}skip(t){(!this.snapshot||m(t,this.snapshot))&&(this.snapshot=t)}reached(t){let e=this.snapshot&&
f(t);e&&this.snapshot&&m(e,this.snapshot)&&(this.snapshot=null)}matches(t){return this.#s.every(([e,s])=>t[e]!==null&&String(
t[e])===String(s))}async read(t,e){let{response:s,body:i}=await d(t,this.url,{signal:E(e,z)}),n=s.headers.get("PBP-Curso\
r");if(!n||!Array.isArray(i))throw new u(`${this.url}: expected a list of rows with a PBP-Cursor`,{status:s.status});let o=new Map;
for(let h of i){if(!this.matches(h))continue;let a=this.keyOf(h);if(this.keyColumns.some(l=>h[l]===void 0)||o.has(a)){let l=this.
keyColumns.join(", ");throw new u(`${this.url}: key (${l}) does not identify the rows; give this table's primary key as \
key in connect()`)}o.set(a,h)}return{table:this,rows:o,cursor:n,snapshot:f(n)}}serverRows(){let t=new Map([...this.rows].
filter(([e])=>!this.#t.has(e)));return this.#t.forEach((e,s)=>e&&t.set(s,e)),t}#i(t){return this.#t.has(t)?this.#t.get(t):
this.rows.get(t)}agrees({op:t,key:e,old:s}){if(t==="truncate")return!0;let i=this.#i(this.keyOf(e)),n=s&&this.matches(s)?
s:void 0;return i&&n?_(i,n):i===n}reread(t,e){for(let[s,i]of this.mismatch?.changed??[]){if(w(e,i))continue;let n=this.#i(
s);n?t.set(s,n):t.delete(s)}return this.replace(t,e)}replace(t,e=this.snapshot){return this.snapshot=e,this.mismatch=null,
[...[...this.rows.keys(),...this.#t.keys()].filter(i=>!t.has(i)).flatMap(i=>this.#e(i,void 0)),...[...t].flatMap(([i,n])=>this.#e(
i,n))]}apply({op:t,key:e,new:s,txid:i}){if(t==="truncate")return this.replace(new Map);let n=this.keyOf(e);return this.mismatch?.
changed.set(n,i),this.#e(n,s&&this.matches(s)?s:void 0)}#e(t,e){return this.#t.has(t)?(this.#t.set(t,e),[]):this.#r(t,e)}overlay(t,e){
let s=this.#i(t);e.length>0?this.#t.set(t,s):this.#t.delete(t);let i=s;for(let n of e)i=n.kind==="delete"?void 0:{...i,...n.
fields};return this.#r(t,i)}rename(t,e){let s=this.rows.get(t);return this.rows.delete(t),this.#t.delete(t),this.#t.has(
e)||this.#t.set(e,this.rows.get(e)),s}#r(t,e){let s=this.rows.get(t);if(e===void 0?s===void 0:s!==void 0&&p(s,e))return[];
e===void 0?this.rows.delete(t):this.rows.set(t,e);let i=s===void 0?"insert":e===void 0?"delete":"update";return[{table:this.
name,op:i,key:t,old:s??null,new:e??null}]}};var W=18,$={socket(r,t,e){let s=new URL(t(),r.address());s.protocol=s.protocol.replace("http","ws");let i=r.webSocket(String(
s));return i.onmessage=({data:n})=>{let o=g(n);e(o.mustRefetch?"refetch":"message",o)},i.onclose=({reason:n})=>{let o=Number(
/^retry=(\d+)$/.exec(n)?.[1]??0);e("lost",Object.assign(new Error("the connection was lost"),{retryAfter:o}))},()=>i.close()},
stream(r,t,e){let s=r.eventSource(t());return s.onmessage=({data:i})=>e("message",g(i)),s.addEventListener("must-refetch",
()=>e("refetch")),s.onerror=()=>e("lost",new Error("the connection was lost")),()=>s.close()},poll(r,t,e){let s=new AbortController,
{signal:i}=s;return(async()=>{for(let n=0;!i.aborted;n=W){let{body:o}=await d(r,t(n),{signal:i});e("message",o)}})().catch(
n=>e(n.status===410?"refetch":"lost",n)),()=>s.abort()}};var q=Object.keys($),K={reading:{read:"connect",failed:"wait",sleep:"pause",close:"end"},connecting:{message:"live",lost:"\
wait",silent:"wait",refetch:"read",turn:"turn",sleep:"pause",close:"end"},live:{message:"live",lost:"wait",silent:"wait",
refetch:"read",turn:"turn",sleep:"pause",close:"end"},waiting:{timer:"resume",wake:"resume",sleep:"pause",close:"end"},paused:{
wake:"resume",close:"end"},closed:{}},Y=25*1e3,Q=8*1e3,V=3*1e3,X=30*1e3,I={first:10*1e3,most:300*1e3},B=5*1e3,Z=2*1e3,b=class{#t="\
waiting";#s=null;#i=null;#e;#r=0;#n=0;#o=()=>{};#h=0;#a=0;#u=null;#d=0;#f=I.first;#w=-1/0;#c;#l;#k=new AbortController;constructor(t,e,s=null){
this.#c=t,this.#l=e,this.#e=s}start(){let t=()=>this.fire("wake");this.#c.onPage(this.#k.signal,{sleep:()=>this.fire("sl\
eep"),restore:t,online:t}),this.#g("resume")}close(){this.fire("close")}fire(t,e){let s=K[this.#t][t];s&&this.#g(s,e)}#g(t,e){
switch(t){case"live":return this.#T(e);case"wait":return this.#S(e);case"connect":return this.#e=e,this.#v();case"turn":
return this.#v();case"read":return this.#A();case"resume":return this.#e===null?this.#y():this.#v();case"pause":return this.#p(
"paused",()=>()=>{});case"end":return this.#k.abort(),this.#p("closed",()=>()=>{})}}#p(t,e){this.#o(),this.#t=t,t!=="con\
necting"&&t!=="live"&&(this.#s=null);let s=!0,i=e((n,o)=>s&&this.fire(n,o));this.#o=()=>{s=!1,i()},this.#m()}#m(){this.#l.
state({phase:this.#t,transport:this.#s,role:"alone",error:this.#i})}#y(){this.#p("reading",t=>{let e=new AbortController;
return this.#l.read(e.signal).then(s=>t("read",s),s=>t("failed",s)),()=>e.abort()})}#A(){this.#e=null;let t=this.#c.now(),
e=t-this.#w<B;this.#w=t,e?this.#S(new Error("the server asks to read again, and again")):this.#y()}#v(){let t=q[this.#a],
e=this.#c;this.#s=t,this.#h=e.time(),this.#p("connecting",s=>{let i=e.setInterval(()=>this.#b(s),Z),n=this.#a>0?e.setTimeout(
()=>this.#O(s),this.#f):0,{terms:o}=this.#l,h=()=>{};try{h=$[t](e,a=>this.#l.address(o,this.#e,a),s)}catch(a){queueMicrotask(
()=>s("lost",a))}return()=>{e.clearInterval(i),e.clearTimeout(n),h()}})}#b(t){let e=this.#c.time()-this.#h,s=this.#t==="\
live"?Y:this.#u===null?Q:V;e>s&&t("silent",new Error(`no word from the server for ${Math.round(e/1e3)} s`))}#O(t){this.#u=
this.#a,this.#a=this.#d++%this.#a,this.#f=Math.min(2*this.#f,I.most),t("turn")}#T(t){this.#h=this.#c.time(),this.#e=t.cursor,
this.#t==="connecting"&&(this.#t="live",this.#n=this.#c.now(),this.#i=null,this.#u=null,this.#a===0&&(this.#f=I.first),this.#m()),
this.#l.batch(t)}#S(t){if(this.#t==="connecting"&&this.#u!==null){this.#a=this.#u,this.#u=null,this.#v();return}this.#t===
"connecting"&&(this.#a=(this.#a+1)%q.length),this.#t==="live"&&this.#c.now()-this.#n>B&&(this.#r=0),this.#i=t?.message??
null;let e=(t?.retryAfter??0)+S(this.#c,this.#r++,X);this.#p("waiting",s=>{let i=this.#c.setTimeout(()=>s("timer"),e);return()=>this.#c.
clearTimeout(i)})}};var tt=2*1e3,U={waiting:5*1e3,supplied:75*1e3},et=100,O=class{#t;#s;#i;#e;#r=null;#n=null;#o=0;#h=new AbortController;constructor(t,e,s){
this.#t=t.uuid(),this.#s=t,this.#i=e,this.#e=s}get joined(){return this.#r!==null}join(){let t=this.#s;this.#h=new AbortController;
let{signal:e}=this.#h;this.#r=t.channel(this.#i),this.#r.onmessage=({data:i})=>this.#d(i),this.#o=t.time(),this.#n=null,
this.#e.joined(),this.#a(e,{signal:e});let s=t.setInterval(()=>this.#u(),tt);e.addEventListener("abort",()=>t.clearInterval(
s))}leave(){this.send({kind:"bye"}),this.#h.abort(),this.#n=null,this.#r?.close(),this.#r=null}send(t){this.#r?.postMessage(
{from:this.#t,...t})}#a(t,e){this.#s.locks().request(this.#i,e,async()=>{if(t.aborted)return;let s=new Promise(i=>t.addEventListener(
"abort",i));this.#n=this.#t,await this.#e.elected(t),await s}).catch(()=>{t.aborted||this.#n!==this.#t||(this.#n=null,this.#e.
deposed(),this.#a(t,{signal:t}))})}async grace(){let{pending:t=[]}=await this.#s.locks().query();t.some(({name:e})=>e===
this.#i)&&await new Promise(e=>this.#s.setTimeout(()=>e(null),et))}#u(){let t=this.#s.time(),e=this.#e.supplied()?U.supplied:
U.waiting;this.#n!==this.#t&&t-this.#o>e&&(this.#o=t,this.#a(this.#h.signal,{steal:!0}))}#d(t){let{kind:e,from:s,to:i}=t;
if(!(i&&i!==this.#t)){if(this.#n===this.#t){this.#e.lead(t);return}if(!["hello","need","mismatch"].includes(e)){if(e==="\
bye"){s===this.#n&&(this.#n=null);return}(e==="lead"||this.#n===null)&&(this.#n=s),s===this.#n&&(this.#o=this.#s.time(),
this.#e.follow(t))}}}};function j(r){let t=r.indexOf("="),e=t<0?-1:r.slice(0,t).lastIndexOf(".");return e<0?r:r.slice(0,e)}function k(r,t){return t.
every(e=>r.includes(e)||r.includes(j(e)))}function F(r){let t=new Set(r),e=t.size<=100;return[...new Set([...t].map(s=>e&&
!t.has(j(s))?s:j(s)))].sort()}var st=10*1e3,T=class{#t=new Map;#s;#i=null;#e=new AbortController;#r;#n;#o;constructor(t,e,s){this.#r=t,this.#n=e,this.#o=
s,this.#s=s.position.followed}get connected(){return this.#i!==null}start(){this.#r.setTimeout(()=>this.#s=[],st);let{position:t}=this.#o;
t.followed=this.#h(),this.#i=new b(this.#r,this.#a(),t.cursor),this.#i.start()}end(){this.#e.abort(),this.#i?.close()}refetch(){
this.#i?.fire("refetch")}forget(t){this.#t.delete(t)}#h(){return F([...this.#n.terms,...this.#s,...[...this.#t.values()].
flat()])}#a(){let t=this,e=this.#o,{position:s}=e;return{...this.#n,get terms(){return s.followed=t.#h()},read:async i=>{
e.stopReading();let n=await this.#n.read(i).catch(o=>{if(!v(o))throw o;return e.goAlone(),new Promise(()=>{})});return s.
cursor=n,s.epoch=this.#r.uuid(),e.send({...e.copy(this.#n.specs),to:null}),n},batch:i=>{let{epoch:n,cursor:o,followed:h}=s;
e.send({kind:"batch",epoch:n,after:o,followed:h,batch:i}),e.take(i)},state:i=>{this.#e.signal.aborted||(e.send({kind:"st\
ate",state:i}),e.show(i))}}}async provide(t,e,s){let i=this.#o,{position:n}=i;if(!k(n.followed,e)){let{signal:o}=this.#e,
h=this.#n.address(e,n.cursor,0),a=await d(this.#r,h,{signal:o}).then(()=>!1,v);if(o.aborted)return;if(a){i.send({kind:"r\
efused",to:t});return}}this.#t.set(t,e),k(n.followed,e)||(n.followed=this.#h(),this.#i?.fire("turn")),s&&(n.cursor&&this.#i&&
i.send({...i.copy(s),to:t}),i.send({kind:"state",to:t,state:i.state()}))}};var it=1e3,A=class{#t=[];#s=new AbortController;#i=0;#e;#r;#n;#o;constructor(t,e,s,i){this.#e=t,this.#r=e,this.#n=s,this.#o=
i}async run(){let{signal:t}=this.#s;try{await this.#r.read(t,this.#n),t.aborted||this.#o.done(this.#t)}catch(e){if(t.aborted)
return;if(v(e)){this.#o.refused();return}this.#o.failed(e);let s=(e.retryAfter||1e3)*(1+this.#e.random());this.#i=this.#e.
setTimeout(()=>this.run(),s)}}hold(t){return this.#t.push(t)<=it}stop(){this.#s.abort(),this.#e.clearTimeout(this.#i)}};var x=class{#t;#s;#i;#e={cursor:null,epoch:null,followed:[]};#r=!0;#n=null;#o=null;#h=null;#a=new Set;#u={phase:"reading",
transport:null,role:"follower",error:null};#d=new AbortController;constructor(t,e,s){this.#t=t,this.#s=e,this.#i=s===null?
null:new O(t,s,{joined:()=>this.#b(),elected:i=>this.#k(i),deposed:()=>this.#g(),supplied:()=>this.#e.cursor!==null,lead:i=>this.#m(
i),follow:i=>this.#y(i)})}start(){if(!this.#i){this.#c();return}this.#t.onPage(this.#d.signal,{sleep:()=>this.#l("paused"),
restore:()=>this.#w(),online:()=>{}}),this.#w()}close(){this.#d.abort(),this.#h?this.#h.close():this.#l("closed")}requestRead(t){
this.#h||this.#n?this.#f(t):this.#i?.send({kind:"mismatch",spec:t})}async#f(t){if(this.#a.has(t))return;this.#a.add(t);let{
epoch:e}=this.#e;try{let{rows:s,snapshot:i}=await y.of(t).read(this.#t,this.#d.signal);this.#i?.send({kind:"reread",epoch:e,
spec:t,rows:s,snapshot:i}),e===this.#e.epoch&&this.#s.reread({spec:t,rows:s,snapshot:i})}catch{}this.#t.setTimeout(()=>this.#a.
delete(t),1e3)}#w(){!this.#h&&!this.#i?.joined&&this.#i?.join()}#c(){this.#l("waiting"),this.#h=new b(this.#t,this.#s),this.#h.
start()}#l(t){this.#i?.joined&&(this.#i.leave(),this.#p(),this.#S(),this.#s.state({phase:t,transport:null,role:"follower",
error:null}))}async#k(t){let e=this.#i,s=new T(this.#t,this.#s,{position:this.#e,state:()=>this.#u,send:i=>e.send(i),copy:i=>this.#O(
i),take:i=>this.#v(i),show:i=>this.#E(i),stopReading:()=>this.#S(),goAlone:()=>this.#c()});this.#n=s,e.send({kind:"lead",
lost:this.#r}),this.#r&&await e.grace(),!(t.aborted||this.#n!==s)&&(this.#r=!1,s.start())}#g(){this.#p(),this.#i?.send({
kind:"bye"}),this.#b()}#p(){let t=this.#n;this.#n=null,t?.end()}#m(t){let{from:e}=t;switch(t.kind){case"mismatch":this.#f(
t.spec);break;case"bye":this.#n?.forget(e);break;case"hello":this.#n?.provide(e,t.terms,t.specs);break;case"need":this.#n?.
provide(e,t.terms,null);break;case"copy":this.#r&&!this.#n?.connected&&this.#T(t);break}}#y(t){switch(t.kind){case"lead":
this.#i?.send({kind:"need",terms:this.#s.terms}),this.#r?this.#b():t.lost&&this.#i?.send({...this.#O(this.#s.specs),to:t.
from});break;case"copy":(this.#r||t.epoch!==this.#e.epoch)&&this.#T(t);break;case"batch":this.#A(t);break;case"reread":t.
epoch===this.#e.epoch&&this.#s.reread(t);break;case"state":this.#E(t.state);break;case"refused":this.#c();break}}#A({epoch:t,
after:e,followed:s,batch:i}){if(this.#r)return;let n=this.#e;if(t!==n.epoch||!k(s,this.#s.terms)){this.#b();return}if(e!==
n.cursor){let[o,h]=[n.cursor,e].map(a=>a&&f(a));if(this.#o||!o||!h||!m(o,h)){this.#b();return}this.#s.skip(o)}n.followed=
s,this.#v(i)}#v(t){this.#e.cursor=t.cursor,this.#o?this.#o.hold(t)||(this.#n?this.#n.refetch():this.#b()):this.#s.batch(
t)}#b(){this.#S(),this.#r=!0,this.#i?.send({kind:"hello",terms:this.#s.terms,specs:this.#s.specs})}#O(t){return{kind:"co\
py",...this.#e,tables:this.#o?[]:this.#s.copy(t)}}#T({epoch:t,cursor:e,followed:s,tables:i}){if(this.#S(),!this.#n&&!k(s,
this.#s.terms)){this.#b();return}this.#r=!1,Object.assign(this.#e,{epoch:t,cursor:e,followed:s});let n=e===null?null:f(e),
o=new Map(i.map(([h,{rows:a,snapshot:l}])=>[h,{rows:a,snapshot:l??n}]));this.#o=new A(this.#t,this.#s,o,{done:h=>{this.#o=
null,h.forEach(a=>this.#s.batch(a)),this.#E()},failed:({message:h})=>this.#E(this.#u,h),refused:()=>this.#c()}),this.#E(),
this.#o.run()}#S(){this.#o&&(this.#o.stop(),this.#o=null,this.#e.cursor=null,this.#r=!0)}#E(t=this.#u,e=t.error){this.#u=
t;let s=this.#r||this.#o!==null,i=this.#n?"leader":"follower";this.#s.state({...t,error:e,role:i,phase:t.phase==="live"&&
s?"connecting":t.phase})}};var G=300*1e3,nt=2*G,R=class{#t;#s;#i=new WeakMap;constructor(t,e){this.#t=t,this.#s=e}check(t,e,s){if(t.mismatch||t.agrees(
e))return;let i=f(s);if(!i)return;let n=this.#e(t);n.attempts>0&&!n.warned&&(n.warned=!0,this.#t.warn(`pbp: ${t.name}, k\
ey ${t.keyOf(e.key)}: not the row that the feed says, even read again`));let o=t.mismatch={snapshot:i,changed:new Map},h=()=>{
let a=S(this.#t,n.attempts++,G);this.#t.setTimeout(()=>{t.mismatch===o&&(this.#s(t.spec),h())},a)};h()}#e(t){let e=this.#t.
now(),s=this.#i.get(t)??{at:-1/0,attempts:0,warned:!1};return e-s.at>nt&&(s.attempts=0),s.at=e,this.#i.set(t,s),s}settle(t,{
rows:e,snapshot:s}){return t?.mismatch&&s&&m(s,t.mismatch.snapshot)?t.reread(e,s):[]}};var rt=30*1e3,H=100,ot=500,ht={insert:"POST",update:"PUT",delete:"DELETE"},C=class{#t=[];#s=new Set;#i;#e;#r;#n=!1;#o=0;#h=null;#a=new AbortController;#u=0;constructor(t,e,s){
this.#i=t,this.#e=e,this.#r=s}get inserting(){return this.#h?.kind==="insert"}get count(){return this.#t.length}concern(t,e){
return this.#f(t,e).length>0}answered(){return this.#t.filter(t=>t.stage==="answered")}insert(t,e){return this.#d("inser\
t",t,null,e)}update(t,e,s,i){return this.#d("update",t,e,s,i)}delete(t,e){return this.#d("delete",t,e,{})}#d(t,e,s,i,n){
return this.#t.length>=H?Promise.reject(new u(`${e.name}: ${H} writes are waiting for the server already; try again late\
r`,{status:503})):s!==null&&!e.rows.has(s)?Promise.reject(new u(`${e.name}: no row with key ${s}`,{status:404})):new Promise(
(o,h)=>{let a={kind:t,table:e,key:s??`new-${++this.#u}`,fields:i,expect:n,stage:"queued",txid:null,row:null,resolve:o,reject:h};
this.#t.push(a),this.#c(a,"pending"),this.#l()})}open(t){this.#n=t,this.#l()}close(){this.#a.abort(),this.#i.clearTimeout(
this.#o);for(let t of[...this.#t])this.#y(t,new u(`${t.table.name}: closed before the server confirmed this`))}confirmed(t){
if(this.#s.add(t),this.#s.size>ot){let[s]=this.#s;this.#s.delete(s)}let e=this.#t.find(s=>s.txid===t&&s.stage==="answere\
d");return e?this.settle(e):[]}settle(t){this.#w(t);let e=t.table.overlay(t.key,this.#f(t.table,t.key));return this.#e("\
write",{table:t.table.name,key:t.key,stage:"saved",error:null}),t.resolve(t.row),e}#f(t,e){return this.#t.filter(s=>s.table===
t&&s.key===e)}#w(t){this.#t=this.#t.filter(e=>e!==t)}#c({table:t,key:e},s,i=null){let n=t.overlay(e,this.#f(t,e));this.#e(
"transaction",{txid:null,changes:n}),this.#e("write",{table:t.name,key:e,stage:s,error:i})}async#l(){let t=this.#t.find(
({stage:e})=>e==="queued");if(!(!t||!this.#n||this.#h||this.#o)){this.#h=t;try{let{response:e,body:s}=await this.#k(t);this.#g(
t,e.headers.get("PBP-Txid"),s)}catch(e){this.#a.signal.aborted||this.#m(t,e)}this.#h=null,this.#r(),this.#l()}}async#k({
kind:t,table:e,key:s,fields:i,expect:n}){let o=E(this.#a.signal,rt),h={},a=t==="insert"?e.url:`${e.url}/${encodeURIComponent(
s)}`;if(n){let{response:N,body:P}=await d(this.#i,a,{signal:o});if(!p(P,n))throw new u(`${e.name}: the row with key ${s}\
 has changed since you read it`,{status:412,current:P});h["If-Match"]=String(N.headers.get("ETag"))}let l=ht[t];return t===
"delete"?d(this.#i,a,{method:l,headers:h,signal:o}):(h["Content-Type"]="application/json",d(this.#i,a,{method:l,headers:h,
signal:o,body:JSON.stringify(i)}))}#g(t,e,s){Object.assign(t,{stage:"answered",txid:e,row:s});let{table:i}=t;t.kind==="i\
nsert"&&s&&this.#p(t,s);let n=s&&!i.matches(s)&&(t.kind==="insert"||!i.rows.has(t.key));if(!e||n||this.#s.has(e)){let o=this.
settle(t);this.#e("transaction",{txid:null,changes:o})}}#p(t,e){let{table:s}=t,[i,n]=[String(t.key),s.keyOf(e)],o=s.rename(
i,n)??null;this.#t.forEach(h=>h.table===s&&h.key===i&&(h.key=n)),t.fields=e,s.overlay(n,this.#f(s,n)),this.#e("transacti\
on",{txid:null,changes:[{table:s.name,op:"update",key:n,was:i,old:o,new:s.rows.get(n)??null}]})}#m(t,e){let{kind:s,fields:i}=t,
n=e.status===503||e.status===429,o=e instanceof TypeError||e.name==="TimeoutError";s==="delete"&&e.status===404?this.#g(
t,null,null):s==="update"&&e.status===412&&e.current&&p({...e.current,...i},e.current)?this.#g(t,null,e.current):o&&s===
"insert"?this.#y(t,new u(`${t.table.name}: the connection broke while this was sent; if it was saved, it will show`)):n||
o?this.#o=this.#i.setTimeout(()=>{this.#o=0,this.#l()},e.retryAfter||1e3):this.#y(t,e)}#y(t,e){this.#w(t),this.#c(t,"ref\
used",e),t.reject(e);for(let s of t.kind==="insert"?this.#f(t.table,t.key):[])this.#y(s,new u(`${t.table.name}: the row \
was not added`,{status:404}))}};var at=1e3,M=class extends EventTarget{#t=new Map;#s;#i;#e;#r;#n=[];#o=0;#h={phase:"reading",transport:null,role:"alone",
error:null};#a=()=>{};constructor({base:t="",tables:e,filters:s={},share:i=!0},n){super(),this.#s=n;let o=Array.isArray(
e)?e.map(a=>[a,{}]):Object.entries(e);for(let[a,l]of o)this.#t.set(a,new y(a,{url:`${t}/api/${encodeURIComponent(a)}`,...l},
s[a]));if(this.#t.size===0)throw new TypeError("connect: tables: name at least one table to follow");this.ready=new Promise(
a=>this.#a=a),this.#e=new C(n,(a,l)=>this.#m(a,l),()=>this.#l()),this.#r=new R(n,a=>this.#i.requestRead(a));let h=i&&n.canShare()?
`pbp ${new URL(`${t}/`,n.address())}`:null;this.#i=new x(n,this.#u(t),h),this.#i.start()}#u(t){let e=[...this.#t.values()];
return{terms:e.map(s=>s.term),specs:e.map(s=>s.spec),address:(s,i,n)=>{let o=new URLSearchParams(s.map(h=>["table",h]));
return i&&o.set("cursor",i),n!==void 0&&o.set("wait",String(n)),`${t}/api/_changes?${o}`},read:async(s,i=new Map)=>{let n=await this.#f(
e.filter(({spec:h})=>!i.has(h)),s),o=e.flatMap(h=>{let a=i.get(h.spec);return a?[{table:h,...a}]:[]});return this.#w([...n,
...o]),n[0]?.cursor},copy:s=>(this.#l(),e.filter(({spec:i,mismatch:n})=>s.includes(i)&&!n).map(i=>[i.spec,{rows:i.serverRows(),
snapshot:i.snapshot}])),batch:s=>this.#c(s),skip:s=>e.forEach(i=>i.skip(s)),reread:s=>this.#c(s),state:s=>this.#p(s)}}get state(){
return this.#h}table(t){return this.#d(t).rows}insert(t,e){return this.#e.insert(this.#d(t),e)}update(t,e,s,{expect:i}={}){
return this.#e.update(this.#d(t),e,s,i)}delete(t,e){return this.#e.delete(this.#d(t),e)}pending(t,e){return this.#e.concern(
this.#d(t),e)}get writing(){return this.#e.count}close(){this.#i.close(),this.#e.close(),this.#t.forEach(t=>t.mismatch=null)}#d(t){
let e=this.#t.get(t);if(!e)throw new RangeError(`${t}: not among the tables connected to (${[...this.#t.keys()].join(", ")}\
)`);return e}async#f([t,...e],s){if(!t)return[];let i=[await t.read(this.#s,s)];return i.push(...await Promise.all(e.map(
n=>n.read(this.#s,s)))),s.throwIfAborted(),i}#w(t){this.#n=[];let e=new Map(t.map(({table:n,snapshot:o})=>[n,o])),i=[...this.#e.
answered().filter(({table:n,txid:o})=>{let h=e.get(n);return!h||o===null||w(h,o)}).flatMap(n=>this.#e.settle(n)),...t.flatMap(
({table:n,rows:o,snapshot:h})=>n.replace(o,h))];this.#m("transaction",{txid:null,changes:i}),this.#a(this)}#c(t){this.#n.
push(t)>1||(this.#e.inserting?this.#o=this.#s.setTimeout(()=>this.#l(),at):this.#l())}#l(){this.#s.clearTimeout(this.#o);
for(let t;t=this.#n.shift();)"spec"in t?this.#k(t):this.#g(t)}#k(t){let e=[...this.#t.values()].find(({spec:s})=>s===t.spec);
this.#m("transaction",{txid:null,changes:this.#r.settle(e,t)})}#g({cursor:t,changes:e}){for(let s=0;s<e.length;){let{txid:i}=e[s],
n=[],o=!1,h=s;for(;h<e.length&&e[h].txid===i;h++){let a=e[h],l=this.#t.get(a.table);if(l?.awaits(a)){o=!0,this.#r.check(
l,a,t);for(let N of l.apply(a))n.push(N)}}n.push(...this.#e.confirmed(i)),(o||n.length>0)&&this.#m("transaction",{txid:i,
changes:n}),s=h}this.#t.forEach(s=>s.reached(t))}#p(t){this.#h=Object.freeze(t),this.#e.open(t.phase==="live"),this.dispatchEvent(
new CustomEvent("state",{detail:this.#h}))}#m(t,e){(t!=="transaction"||e.txid||e.changes.length>0)&&this.dispatchEvent(new CustomEvent(
t,{detail:e}))}};var ce=r=>new M(r,L);export{u as Refused,ce as connect};
