// Made from client/src by client/build.js; not to be edited. Types: pbp.d.ts.
function W(r,t){let{origin:e,pathname:s}=new URL(r),[,i]=/^(.*)\/static\/pbp\.js$/.exec(s)??[];return i===void 0?"":e===
new URL(t).origin?i:e+i}var D={now:()=>performance.now(),time:()=>Date.now(),random:()=>Math.random(),setTimeout:(r,t)=>setTimeout(
r,t),clearTimeout:r=>clearTimeout(r),setInterval:(r,t)=>setInterval(r,t),clearInterval:r=>clearInterval(r),fetch:(r,t)=>fetch(
r,t),webSocket:r=>new WebSocket(r),eventSource:r=>new EventSource(r),channel:r=>new BroadcastChannel(r),locks:()=>navigator.
locks,uuid:()=>crypto.randomUUID(),canShare:()=>"locks"in navigator&&"BroadcastChannel"in globalThis,address:()=>location.
href,base:()=>W(import.meta.url,location.href),warn:r=>console.warn(r),onPage(r,{sleep:t,restore:e,online:s}){window.addEventListener(
"pagehide",t,{signal:r}),document.addEventListener("freeze",t,{signal:r}),window.addEventListener("pageshow",e,{signal:r}),
document.addEventListener("resume",e,{signal:r}),window.addEventListener("online",s,{signal:r}),document.addEventListener(
"visibilitychange",()=>document.visibilityState==="visible"&&s(),{signal:r})}};function d(r){if(!/^A[\w-]+$/.test(r)||r.length%4===1)return null;let t=Uint8Array.from(atob(r.replace(/-/g,"+").replace(
/_/g,"/")),o=>o.charCodeAt(0));if(t[0]!==1)return null;let e=1,s=()=>{for(let o=0,h=1;;h*=128){let a=t[e++]??0;if(o+=a%128*
h,a<128)return o}},i=s(),n=new Set;for(let o=s(),h=i;o>0&&e<t.length;o--)h-=s(),n.add(h);return{xmax:i,running:n}}function m({
xmax:r,running:t},e){return Number(e)<r&&!t.has(Number(e))}function p(r,t){return t.xmax<=r.xmax&&[...r.running].every(e=>!m(
t,e))}function O(r,t,e){return r.random()*Math.min(e,1e3*2**t)}var B=/\d[\d.]{15}|\d[eE][+-]?\d{3}/,Y=/-?\d[\d.eE+-]*/g;function y(r){return JSON.parse(B.test(r)?Q(r):r)}function Q(r){
let t="";for(let e=0;e<r.length;){let s=r.indexOf('"',e),i=r.slice(e,s<0?void 0:s);t+=B.test(i)?i.replace(Y,n=>X(n)?n:`"${n}\
"`):i,e=s<0?r.length:V(r,s),t+=s<0?"":r.slice(s,e)}return t}function V(r,t){for(let e=t;;){if(e=r.indexOf('"',e+1),e<0)return r.
length;let s=0;for(;r[e-1-s]==="\\";)s++;if(s%2===0)return e+1}}function X(r){let t=Number(r);return Number.isFinite(t)&&
q(r)===q(String(t))}function q(r){let[,t,e,s="",i="0"]=/^(-?)(\d+)(?:\.(\d+))?(?:e\+?(-?\d+))?$/i.exec(r),n=(e+s).replace(
/^0+/,""),o=n.replace(/0+$/,"");return o&&`${t}${o}e${Number(i)-s.length+n.length-o.length}`}function w(r,t){if(r===t)return!0;
if(!_(r)||!_(t))return!1;let e=Object.keys(r);return e.length===Object.keys(t).length&&e.every(s=>w(r[s],t[s]))}function _(r){
return typeof r=="object"&&r!==null}function U(r,t){return w(r,t)||Object.keys({...r,...t}).every(e=>w(r[e]??null,t[e]??
null))}var u=class extends Error{constructor(t,{status:e=0,problem:s={},current:i=null,retryAfter:n=0}={}){super(t),this.name="\
Refused",this.status=e,this.problem=s,this.current=i,this.retryAfter=n}};function v({status:r}){return[400,401,403,404].
includes(r)}async function f(r,t,{headers:e={},...s}){let i=await r.fetch(t,{cache:"no-store",...s,headers:{Accept:"appl\
ication/json",...e}}),n=await i.text();if(i.ok)return{response:i,body:n?y(n):null};let o=i.headers.get("Content-Type")?.
includes("json")?y(n):{};throw new u(o.detail??`${t}: ${i.status} ${i.statusText}`,{status:i.status,problem:o,current:o.
current??null,retryAfter:(Number(i.headers.get("Retry-After"))||0)*1e3})}function T(r,t){return"any"in AbortSignal?AbortSignal.
any([r,AbortSignal.timeout(t)]):r}var Z=60*1e3,b=class r{rows=new Map;snapshot=null;mismatch=null;#t=new Map;#s;constructor(t,{url:e,key:s=["id"]},i={}){this.
name=t,this.url=e,this.keyColumns=[s].flat(),this.#s=Object.entries(i),this.spec=JSON.stringify([t,e,this.keyColumns,this.#s])}static of(t){
let[e,s,i,n]=JSON.parse(t);return new r(e,{url:s,key:i},Object.fromEntries(n))}get term(){let[t]=this.#s;return t?`${this.
name}.${t[0]}=${t[1]}`:this.name}keyOf(t){let e=this.keyColumns.map(s=>t[s]);return e.length===1?e[0]:JSON.stringify(e)}awaits({
op:t,old:e,new:s,txid:i}){return this.snapshot&&m(this.snapshot,i)?!1:this.#s.length===0||t==="truncate"||!!(e&&this.matches(
e)||s&&this.matches(s))}skip(t){(!this.snapshot||p(t,this.snapshot))&&(this.snapshot=t)}reached(t){let e=this.snapshot&&
d(t);e&&this.snapshot&&p(e,this.snapshot)&&(this.snapshot=null)}matches(t){return this.#s.every(([e,s])=>t[e]!==null&&String(
t[e])===String(s))}async read(t,e){let{response:s,body:i}=await f(t,this.url,{signal:T(e,Z)}),n=s.headers.get("PBP-Curso\
r");if(!n||!Array.isArray(i))throw new u(`${this.url}: expected a list of rows with a PBP-Cursor`,{status:s.status});let o=new Map;
for(let h of i){if(!this.matches(h))continue;let a=this.keyOf(h);if(this.keyColumns.some(l=>h[l]===void 0)||o.has(a)){let l=this.
keyColumns.join(", ");throw new u(`${this.url}: key (${l}) does not identify the rows; give this table's primary key as \
key in connect()`)}o.set(a,h)}return{table:this,rows:o,cursor:n,snapshot:d(n)}}serverRows(){let t=new Map([...this.rows].
filter(([e])=>!this.#t.has(e)));return this.#t.forEach((e,s)=>e&&t.set(s,e)),t}#i(t){return this.#t.has(t)?this.#t.get(t):
this.rows.get(t)}agrees({op:t,key:e,old:s}){if(t==="truncate")return!0;let i=this.#i(this.keyOf(e)),n=s&&this.matches(s)?
s:void 0;return i&&n?U(i,n):i===n}reread(t,e){for(let[s,i]of this.mismatch?.changed??[]){if(m(e,i))continue;let n=this.#i(
s);n?t.set(s,n):t.delete(s)}return this.replace(t,e)}replace(t,e=this.snapshot){return this.snapshot=e,this.mismatch=null,
[...[...this.rows.keys(),...this.#t.keys()].filter(i=>!t.has(i)).flatMap(i=>this.#e(i,void 0)),...[...t].flatMap(([i,n])=>this.#e(
i,n))]}apply({op:t,key:e,new:s,txid:i}){if(t==="truncate")return this.replace(new Map);let n=this.keyOf(e);return this.mismatch?.
changed.set(n,i),this.#e(n,s&&this.matches(s)?s:void 0)}#e(t,e){return this.#t.has(t)?(this.#t.set(t,e),[]):this.#r(t,e)}overlay(t,e){
let s=this.#i(t);e.length>0?this.#t.set(t,s):this.#t.delete(t);let i=s;for(let n of e)i=n.kind==="delete"?void 0:{...i,...n.
fields};return this.#r(t,i)}rename(t,e){let s=this.rows.get(t);return this.rows.delete(t),this.#t.delete(t),this.#t.has(
e)||this.#t.set(e,this.rows.get(e)),s}#r(t,e){let s=this.rows.get(t);if(e===void 0?s===void 0:s!==void 0&&w(s,e))return[];
e===void 0?this.rows.delete(t):this.rows.set(t,e);let i=s===void 0?"insert":e===void 0?"delete":"update";return[{table:this.
name,op:i,key:t,old:s??null,new:e??null}]}};var tt=18,j={socket(r,t,e){let s=new URL(t(),r.address());s.protocol=s.protocol.replace("http","ws");let i=r.webSocket(String(
s));return i.onmessage=({data:n})=>{let o=y(n);e(o.mustRefetch?"refetch":"message",o)},i.onclose=({reason:n})=>{let o=Number(
/^retry=(\d+)$/.exec(n)?.[1]??0);e("lost",Object.assign(new Error("the connection was lost"),{retryAfter:o}))},()=>i.close()},
stream(r,t,e){let s=r.eventSource(t());return s.onmessage=({data:i})=>e("message",y(i)),s.addEventListener("must-refetch",
()=>e("refetch")),s.onerror=()=>e("lost",new Error("the connection was lost")),()=>s.close()},poll(r,t,e){let s=new AbortController,
{signal:i}=s;return(async()=>{for(let n=0;!i.aborted;n=tt){let{body:o}=await f(r,t(n),{signal:i});e("message",o)}})().catch(
n=>e(n.status===410?"refetch":"lost",n)),()=>s.abort()}};var k=Object.keys(j),et={reading:{read:"connect",failed:"wait",sleep:"pause",close:"end"},connecting:{message:"live",lost:"\
wait",silent:"wait",refetch:"read",turn:"turn",sleep:"pause",close:"end"},live:{message:"live",lost:"wait",silent:"wait",
refetch:"read",turn:"turn",sleep:"pause",close:"end"},waiting:{timer:"resume",wake:"resume",sleep:"pause",close:"end"},paused:{
wake:"resume",close:"end"},closed:{}},st=25*1e3,it=8*1e3,F=1e3,nt=3*1e3,rt=30*1e3,I={first:10*1e3,most:300*1e3},z=5*1e3,
ot=2*1e3,E=class{#t="waiting";#s=null;#i=null;#e;#r=0;#n=0;#o=()=>{};#h=0;#a=new Map;#l=0;#u=[];#f=!1;#w=0;#m=0;#d=I.first;#S=-1/0;#c;#p;#g=new AbortController;constructor(t,e,s=null){
this.#c=t,this.#p=e,this.#e=s}start(){let t=()=>this.fire("wake");this.#c.onPage(this.#g.signal,{sleep:()=>this.fire("sl\
eep"),restore:t,online:t}),this.#k("resume")}close(){this.fire("close")}fire(t,e){let s=et[this.#t][t];s&&this.#k(s,e)}#k(t,e){
switch(t){case"live":return this.#P(e);case"wait":return this.#M(e);case"connect":return this.#e=e,this.#T();case"turn":
return this.#T();case"read":return this.#A();case"resume":return this.#e===null?this.#y():this.#T();case"pause":return this.#v(
"paused",()=>()=>{});case"end":return this.#g.abort(),this.#v("closed",()=>()=>{})}}#v(t,e){this.#o(),this.#t=t,t!=="con\
necting"&&t!=="live"&&(this.#s=null);let s=!0,i=e((n,o)=>s&&this.fire(n,o));this.#o=()=>{s=!1,i()},this.#O()}#O(){this.#p.
state({phase:this.#t,transport:this.#s,role:"alone",error:this.#i})}#y(){this.#v("reading",t=>{let e=new AbortController;
return this.#p.read(e.signal).then(s=>t("read",s),s=>t("failed",s)),()=>e.abort()})}#A(){this.#e=null;let t=this.#c.now(),
e=t-this.#S<z;this.#S=t,e?this.#M(new Error("the server asks to read again, and again")):this.#y()}#T(){let t=this.#c;this.#h=
t.time(),this.#s=k[this.#l],this.#u=this.#f?[]:[...k.keys()].filter(e=>e!==this.#l),this.#v("connecting",e=>{let s=t.setInterval(
()=>this.#L(e),ot);return this.#E(this.#l,e),this.#b(F,()=>this.#R(e)),()=>{t.clearInterval(s),t.clearTimeout(this.#w),[
...this.#a.keys()].forEach(i=>this.#x(i))}})}#b(t,e){this.#c.clearTimeout(this.#w),this.#w=this.#c.setTimeout(e,t)}#E(t,e){
let{terms:s}=this.#p,i={from:this.#e,heard:this.#c.time(),close:()=>{}};this.#a.set(t,i);let n=h=>(i.from=this.#e,this.#p.
address(s,this.#e,h)),o=(h,a)=>{this.#a.get(t)===i&&(i.heard=this.#c.time(),this.#j(t,e,h,a))};try{i.close=j[k[t]](this.#c,
n,o)}catch(h){queueMicrotask(()=>o("lost",h))}}#x(t){let e=this.#a.get(t);this.#a.delete(t),e?.close()}#j(t,e,s,i){if(this.#t===
"live"&&t!==this.#l){let n=s==="message"?this.#I(t,i):null;n?(this.#C(t,e),this.#O(),e("message",n)):s!=="message"&&this.#$(
t,e)}else this.#t==="connecting"&&s==="lost"&&(this.#a.size>1||this.#u.length>0)?(this.#x(t),this.#R(e),this.#O()):(this.#t===
"connecting"&&s!=="lost"&&this.#C(t,e),e(s,i))}#R(t){let e=this.#u.shift();e!==void 0&&(this.#s=k[e],this.#E(e,t),this.#b(
F,()=>this.#R(t)))}#C(t,e){this.#l=t,this.#f=!0,this.#s=k[t],[...this.#a.keys()].filter(s=>s!==t).forEach(s=>this.#x(s)),
t===0&&(this.#d=I.first),this.#b(this.#d,()=>this.#N(e))}#N(t){if(this.#t!=="live"||this.#l===0)return;let e=this.#m++%this.#l;
this.#d=Math.min(2*this.#d,I.most),this.#E(e,t),this.#b(nt,()=>this.#$(e,t))}#$(t,e){this.#x(t),this.#b(this.#d,()=>this.#N(
e))}#I(t,e){if(this.#a.get(t)?.from===this.#e)return e;let[s,i]=[this.#e,e.cursor].map(n=>n&&d(n));return!s||!i||!p(i,s)?
null:{...e,changes:e.changes.filter(({txid:n})=>!m(s,n))}}#L(t){let e=this.#t==="live",s=this.#c.time()-(e?this.#a.get(this.#l)?.
heard??0:this.#h);s>(e?st:it)&&t("silent",new Error(`no word from the server for ${Math.round(s/1e3)} s`))}#P(t){this.#e=
t.cursor,this.#t==="connecting"&&(this.#t="live",this.#n=this.#c.now(),this.#i=null,this.#O()),this.#p.batch(t)}#M(t){this.#t===
"connecting"&&this.#f&&(this.#l=(this.#l+1)%k.length),this.#t==="live"&&this.#c.now()-this.#n>z&&(this.#r=0),this.#i=t?.
message??null;let e=(t?.retryAfter??0)+O(this.#c,this.#r++,rt);this.#v("waiting",s=>{let i=this.#c.setTimeout(()=>s("tim\
er"),e);return()=>this.#c.clearTimeout(i)})}};var ht=2*1e3,H={waiting:5*1e3,supplied:75*1e3},at=100,A=class{#t;#s;#i;#e;#r=null;#n=null;#o=0;#h=new AbortController;constructor(t,e,s){
this.#t=t.uuid(),this.#s=t,this.#i=e,this.#e=s}get joined(){return this.#r!==null}join(){let t=this.#s;this.#h=new AbortController;
let{signal:e}=this.#h;this.#r=t.channel(this.#i),this.#r.onmessage=({data:i})=>this.#u(i),this.#o=t.time(),this.#n=null,
this.#e.joined(),this.#a(e,{signal:e});let s=t.setInterval(()=>this.#l(),ht);e.addEventListener("abort",()=>t.clearInterval(
s))}leave(){this.send({kind:"bye"}),this.#h.abort(),this.#n=null,this.#r?.close(),this.#r=null}send(t){this.#r?.postMessage(
{from:this.#t,...t})}#a(t,e){this.#s.locks().request(this.#i,e,async()=>{if(t.aborted)return;let s=new Promise(i=>t.addEventListener(
"abort",i));this.#n=this.#t,await this.#e.elected(t),await s}).catch(()=>{t.aborted||this.#n!==this.#t||(this.#n=null,this.#e.
deposed(),this.#a(t,{signal:t}))})}async grace(){let{pending:t=[]}=await this.#s.locks().query();t.some(({name:e})=>e===
this.#i)&&await new Promise(e=>this.#s.setTimeout(()=>e(null),at))}#l(){let t=this.#s.time(),e=this.#e.supplied()?H.supplied:
H.waiting;this.#n!==this.#t&&t-this.#o>e&&(this.#o=t,this.#a(this.#h.signal,{steal:!0}))}#u(t){let{kind:e,from:s,to:i}=t;
if(!(i&&i!==this.#t)){if(this.#n===this.#t){this.#e.lead(t);return}if(!["hello","need","mismatch"].includes(e)){if(e==="\
bye"){s===this.#n&&(this.#n=null);return}(e==="lead"||this.#n===null)&&(this.#n=s),s===this.#n&&(this.#o=this.#s.time(),
this.#e.follow(t))}}}};function L(r){let t=r.indexOf("="),e=t<0?-1:r.slice(0,t).lastIndexOf(".");return e<0?r:r.slice(0,e)}function S(r,t){return t.
every(e=>r.includes(e)||r.includes(L(e)))}function G(r){let t=new Set(r),e=t.size<=100;return[...new Set([...t].map(s=>e&&
!t.has(L(s))?s:L(s)))].sort()}var ct=10*1e3,x=class{#t=new Map;#s;#i=null;#e=new AbortController;#r;#n;#o;constructor(t,e,s){this.#r=t,this.#n=e,this.#o=
s,this.#s=s.position.followed}get connected(){return this.#i!==null}start(){this.#r.setTimeout(()=>this.#s=[],ct);let{position:t}=this.#o;
t.followed=this.#h(),this.#i=new E(this.#r,this.#a(),t.cursor),this.#i.start()}end(){this.#e.abort(),this.#i?.close()}refetch(){
this.#i?.fire("refetch")}forget(t){this.#t.delete(t)}#h(){return G([...this.#n.terms,...this.#s,...[...this.#t.values()].
flat()])}#a(){let t=this,e=this.#o,{position:s}=e;return{...this.#n,get terms(){return s.followed=t.#h()},read:async i=>{
e.stopReading();let n=await this.#n.read(i).catch(o=>{if(!v(o))throw o;return e.goAlone(),new Promise(()=>{})});return s.
cursor=n,s.epoch=this.#r.uuid(),e.send({...e.copy(this.#n.specs),to:null}),n},batch:i=>{let{epoch:n,cursor:o,followed:h}=s;
e.send({kind:"batch",epoch:n,after:o,followed:h,batch:i}),e.take(i)},state:i=>{this.#e.signal.aborted||(e.send({kind:"st\
ate",state:i}),e.show(i))}}}async provide(t,e,s){let i=this.#o,{position:n}=i;if(!S(n.followed,e)){let{signal:o}=this.#e,
h=this.#n.address(e,n.cursor,0),a=await f(this.#r,h,{signal:o}).then(()=>!1,v);if(o.aborted)return;if(a){i.send({kind:"r\
efused",to:t});return}}this.#t.set(t,e),S(n.followed,e)||(n.followed=this.#h(),this.#i?.fire("turn")),s&&(n.cursor&&this.#i&&
i.send({...i.copy(s),to:t}),i.send({kind:"state",to:t,state:i.state()}))}};var lt=1e3,R=class{#t=[];#s=new AbortController;#i=0;#e;#r;#n;#o;constructor(t,e,s,i){this.#e=t,this.#r=e,this.#n=s,this.#o=
i}async run(){let{signal:t}=this.#s;try{await this.#r.read(t,this.#n),t.aborted||this.#o.done(this.#t)}catch(e){if(t.aborted)
return;if(v(e)){this.#o.refused();return}this.#o.failed(e);let s=(e.retryAfter||1e3)*(1+this.#e.random());this.#i=this.#e.
setTimeout(()=>this.run(),s)}}hold(t){return this.#t.push(t)<=lt}stop(){this.#s.abort(),this.#e.clearTimeout(this.#i)}};var C=class{#t;#s;#i;#e={cursor:null,epoch:null,followed:[]};#r=!0;#n=null;#o=null;#h=null;#a=new Set;#l={phase:"reading",
transport:null,role:"follower",error:null};#u=new AbortController;constructor(t,e,s){this.#t=t,this.#s=e,this.#i=s===null?
null:new A(t,s,{joined:()=>this.#y(),elected:i=>this.#S(i),deposed:()=>this.#c(),supplied:()=>this.#e.cursor!==null,lead:i=>this.#g(
i),follow:i=>this.#k(i)})}start(){if(!this.#i){this.#m();return}this.#t.onPage(this.#u.signal,{sleep:()=>this.#d("paused"),
restore:()=>this.#w(),online:()=>{}}),this.#w()}close(){this.#u.abort(),this.#h?this.#h.close():this.#d("closed")}requestRead(t){
this.#h||this.#n?this.#f(t):this.#i?.send({kind:"mismatch",spec:t})}async#f(t){if(this.#a.has(t))return;this.#a.add(t);let{
epoch:e}=this.#e;try{let{rows:s,snapshot:i}=await b.of(t).read(this.#t,this.#u.signal);this.#i?.send({kind:"reread",epoch:e,
spec:t,rows:s,snapshot:i}),e===this.#e.epoch&&this.#s.reread({spec:t,rows:s,snapshot:i})}catch{}this.#t.setTimeout(()=>this.#a.
delete(t),1e3)}#w(){!this.#h&&!this.#i?.joined&&this.#i?.join()}#m(){this.#d("waiting"),this.#h=new E(this.#t,this.#s),this.#h.
start()}#d(t){this.#i?.joined&&(this.#i.leave(),this.#p(),this.#b(),this.#s.state({phase:t,transport:null,role:"follower",
error:null}))}async#S(t){let e=this.#i,s=new x(this.#t,this.#s,{position:this.#e,state:()=>this.#l,send:i=>e.send(i),copy:i=>this.#A(
i),take:i=>this.#O(i),show:i=>this.#E(i),stopReading:()=>this.#b(),goAlone:()=>this.#m()});this.#n=s,e.send({kind:"lead",
lost:this.#r}),this.#r&&await e.grace(),!(t.aborted||this.#n!==s)&&(this.#r=!1,s.start())}#c(){this.#p(),this.#i?.send({
kind:"bye"}),this.#y()}#p(){let t=this.#n;this.#n=null,t?.end()}#g(t){let{from:e}=t;switch(t.kind){case"mismatch":this.#f(
t.spec);break;case"bye":this.#n?.forget(e);break;case"hello":this.#n?.provide(e,t.terms,t.specs);break;case"need":this.#n?.
provide(e,t.terms,null);break;case"copy":this.#r&&!this.#n?.connected&&this.#T(t);break}}#k(t){switch(t.kind){case"lead":
this.#i?.send({kind:"need",terms:this.#s.terms}),this.#r?this.#y():t.lost&&this.#i?.send({...this.#A(this.#s.specs),to:t.
from});break;case"copy":(this.#r||t.epoch!==this.#e.epoch)&&this.#T(t);break;case"batch":this.#v(t);break;case"reread":t.
epoch===this.#e.epoch&&this.#s.reread(t);break;case"state":this.#E(t.state);break;case"refused":this.#m();break}}#v({epoch:t,
after:e,followed:s,batch:i}){if(this.#r)return;let n=this.#e;if(t!==n.epoch||!S(s,this.#s.terms)){this.#y();return}if(e!==
n.cursor){let[o,h]=[n.cursor,e].map(a=>a&&d(a));if(this.#o||!o||!h||!p(o,h)){this.#y();return}this.#s.skip(o)}n.followed=
s,this.#O(i)}#O(t){this.#e.cursor=t.cursor,this.#o?this.#o.hold(t)||(this.#n?this.#n.refetch():this.#y()):this.#s.batch(
t)}#y(){this.#b(),this.#r=!0,this.#i?.send({kind:"hello",terms:this.#s.terms,specs:this.#s.specs})}#A(t){return{kind:"co\
py",...this.#e,tables:this.#o?[]:this.#s.copy(t)}}#T({epoch:t,cursor:e,followed:s,tables:i}){if(this.#b(),!this.#n&&!S(s,
this.#s.terms)){this.#y();return}this.#r=!1,Object.assign(this.#e,{epoch:t,cursor:e,followed:s});let n=e===null?null:d(e),
o=new Map(i.map(([h,{rows:a,snapshot:l}])=>[h,{rows:a,snapshot:l??n}]));this.#o=new R(this.#t,this.#s,o,{done:h=>{this.#o=
null,h.forEach(a=>this.#s.batch(a)),this.#E()},failed:({message:h})=>this.#E(this.#l,h),refused:()=>this.#m()}),this.#E(),
this.#o.run()}#b(){this.#o&&(this.#o.stop(),this.#o=null,this.#e.cursor=null,this.#r=!0)}#E(t=this.#l,e=t.error){this.#l=
t;let s=this.#r||this.#o!==null,i=this.#n?"leader":"follower";this.#s.state({...t,error:e,role:i,phase:t.phase==="live"&&
s?"connecting":t.phase})}};var J=300*1e3,ut=2*J,N=class{#t;#s;#i=new WeakMap;constructor(t,e){this.#t=t,this.#s=e}check(t,e,s){if(t.mismatch||t.agrees(
e))return;let i=d(s);if(!i)return;let n=this.#e(t);n.attempts>0&&!n.warned&&(n.warned=!0,this.#t.warn(`pbp: ${t.name}, k\
ey ${t.keyOf(e.key)}: not the row that the feed says, even read again`));let o=t.mismatch={snapshot:i,changed:new Map},h=()=>{
let a=O(this.#t,n.attempts++,J);this.#t.setTimeout(()=>{t.mismatch===o&&(this.#s(t.spec),h())},a)};h()}#e(t){let e=this.#t.
now(),s=this.#i.get(t)??{at:-1/0,attempts:0,warned:!1};return e-s.at>ut&&(s.attempts=0),s.at=e,this.#i.set(t,s),s}settle(t,{
rows:e,snapshot:s}){return t?.mismatch&&s&&p(s,t.mismatch.snapshot)?t.reread(e,s):[]}};var dt=30*1e3,K=100,ft=500,pt={insert:"POST",update:"PUT",delete:"DELETE"},$=class{#t=[];#s=new Set;#i;#e;#r;#n=!1;#o=0;#h=null;#a=new AbortController;#l=0;constructor(t,e,s){
this.#i=t,this.#e=e,this.#r=s}get inserting(){return this.#h?.kind==="insert"}get count(){return this.#t.length}concern(t,e){
return this.#f(t,e).length>0}answered(){return this.#t.filter(t=>t.stage==="answered")}insert(t,e){return this.#u("inser\
t",t,null,e)}update(t,e,s,i){return this.#u("update",t,e,s,i)}delete(t,e){return this.#u("delete",t,e,{})}#u(t,e,s,i,n){
return this.#t.length>=K?Promise.reject(new u(`${e.name}: ${K} writes are waiting for the server already; try again late\
r`,{status:503})):s!==null&&!e.rows.has(s)?Promise.reject(new u(`${e.name}: no row with key ${s}`,{status:404})):new Promise(
(o,h)=>{let a={kind:t,table:e,key:s??`new-${++this.#l}`,fields:i,expect:n,stage:"queued",txid:null,row:null,resolve:o,reject:h};
this.#t.push(a),this.#m(a,"pending"),this.#d()})}open(t){this.#n=t,this.#d()}close(){this.#a.abort(),this.#i.clearTimeout(
this.#o);for(let t of[...this.#t])this.#k(t,new u(`${t.table.name}: closed before the server confirmed this`))}confirmed(t){
if(this.#s.add(t),this.#s.size>ft){let[s]=this.#s;this.#s.delete(s)}let e=this.#t.find(s=>s.txid===t&&s.stage==="answere\
d");return e?this.settle(e):[]}settle(t){this.#w(t);let e=t.table.overlay(t.key,this.#f(t.table,t.key));return this.#e("\
write",{table:t.table.name,key:t.key,stage:"saved",error:null}),t.resolve(t.row),e}#f(t,e){return this.#t.filter(s=>s.table===
t&&s.key===e)}#w(t){this.#t=this.#t.filter(e=>e!==t)}#m({table:t,key:e},s,i=null){let n=t.overlay(e,this.#f(t,e));this.#e(
"transaction",{txid:null,changes:n}),this.#e("write",{table:t.name,key:e,stage:s,error:i})}async#d(){let t=this.#t.find(
({stage:e})=>e==="queued");if(!(!t||!this.#n||this.#h||this.#o)){this.#h=t;try{let{response:e,body:s}=await this.#S(t);this.#c(
t,e.headers.get("PBP-Txid"),s)}catch(e){this.#a.signal.aborted||this.#g(t,e)}this.#h=null,this.#r(),this.#d()}}async#S({
kind:t,table:e,key:s,fields:i,expect:n}){let o=T(this.#a.signal,dt),h={},a=t==="insert"?e.url:`${e.url}/${encodeURIComponent(
s)}`;if(n){let{response:g,body:P}=await f(this.#i,a,{signal:o});if(!w(P,n))throw new u(`${e.name}: the row with key ${s}\
 has changed since you read it`,{status:412,current:P});h["If-Match"]=String(g.headers.get("ETag"))}let l=pt[t];return t===
"delete"?f(this.#i,a,{method:l,headers:h,signal:o}):(h["Content-Type"]="application/json",f(this.#i,a,{method:l,headers:h,
signal:o,body:JSON.stringify(i)}))}#c(t,e,s){Object.assign(t,{stage:"answered",txid:e,row:s});let{table:i}=t;t.kind==="i\
nsert"&&s&&this.#p(t,s);let n=s&&!i.matches(s)&&(t.kind==="insert"||!i.rows.has(t.key));if(!e||n||this.#s.has(e)){let o=this.
settle(t);this.#e("transaction",{txid:null,changes:o})}}#p(t,e){let{table:s}=t,[i,n]=[String(t.key),s.keyOf(e)],o=s.rename(
i,n)??null;this.#t.forEach(h=>h.table===s&&h.key===i&&(h.key=n)),t.fields=e,s.overlay(n,this.#f(s,n)),this.#e("transacti\
on",{txid:null,changes:[{table:s.name,op:"update",key:n,was:i,old:o,new:s.rows.get(n)??null}]})}#g(t,e){let{kind:s,fields:i}=t,
n=e.status===503||e.status===429,o=e instanceof TypeError||e.name==="TimeoutError";s==="delete"&&e.status===404?this.#c(
t,null,null):s==="update"&&e.status===412&&e.current&&w({...e.current,...i},e.current)?this.#c(t,null,e.current):o&&s===
"insert"?this.#k(t,new u(`${t.table.name}: the connection broke while this was sent; if it was saved, it will show`)):n||
o?this.#o=this.#i.setTimeout(()=>{this.#o=0,this.#d()},e.retryAfter||1e3):this.#k(t,e)}#k(t,e){this.#w(t),this.#m(t,"ref\
used",e),t.reject(e);for(let s of t.kind==="insert"?this.#f(t.table,t.key):[])this.#k(s,new u(`${t.table.name}: the row \
was not added`,{status:404}))}};var mt=1e3,M=class extends EventTarget{#t=new Map;#s;#i;#e;#r;#n=[];#o=0;#h={phase:"reading",transport:null,role:"alone",
error:null};#a=()=>{};constructor({base:t,tables:e,filters:s={},share:i=!0},n){super();let o=t??n.base();this.#s=n;let h=Array.
isArray(e)?e.map(l=>[l,{}]):Object.entries(e);for(let[l,g]of h)this.#t.set(l,new b(l,{url:`${o}/api/${encodeURIComponent(
l)}`,...g},s[l]));if(this.#t.size===0)throw new TypeError("connect: tables: name at least one table to follow");this.ready=
new Promise(l=>this.#a=l),this.#e=new $(n,(l,g)=>this.#g(l,g),()=>this.#d()),this.#r=new N(n,l=>this.#i.requestRead(l));
let a=i&&n.canShare()?`pbp ${new URL(`${o}/`,n.address())}`:null;this.#i=new C(n,this.#l(o),a),this.#i.start()}#l(t){let e=[
...this.#t.values()];return{terms:e.map(s=>s.term),specs:e.map(s=>s.spec),address:(s,i,n)=>{let o=new URLSearchParams(s.
map(h=>["table",h]));return i&&o.set("cursor",i),n!==void 0&&o.set("wait",String(n)),`${t}/api/_changes?${o}`},read:async(s,i=new Map)=>{
let n=await this.#f(e.filter(({spec:h})=>!i.has(h)),s),o=e.flatMap(h=>{let a=i.get(h.spec);return a?[{table:h,...a}]:[]});
return this.#w([...n,...o]),n[0]?.cursor},copy:s=>(this.#d(),e.filter(({spec:i,mismatch:n})=>s.includes(i)&&!n).map(i=>[
i.spec,{rows:i.serverRows(),snapshot:i.snapshot}])),batch:s=>this.#m(s),skip:s=>e.forEach(i=>i.skip(s)),reread:s=>this.#m(
s),state:s=>this.#p(s)}}get state(){return this.#h}table(t){return this.#u(t).rows}insert(t,e){return this.#e.insert(this.#u(
t),e)}update(t,e,s,{expect:i}={}){return this.#e.update(this.#u(t),e,s,i)}delete(t,e){return this.#e.delete(this.#u(t),e)}pending(t,e){
return this.#e.concern(this.#u(t),e)}get writing(){return this.#e.count}close(){this.#i.close(),this.#e.close(),this.#t.
forEach(t=>t.mismatch=null)}#u(t){let e=this.#t.get(t);if(!e)throw new RangeError(`${t}: not among the tables connected \
to (${[...this.#t.keys()].join(", ")})`);return e}async#f([t,...e],s){if(!t)return[];let i=[await t.read(this.#s,s)];return i.
push(...await Promise.all(e.map(n=>n.read(this.#s,s)))),s.throwIfAborted(),i}#w(t){this.#n=[];let e=new Map(t.map(({table:n,
snapshot:o})=>[n,o])),i=[...this.#e.answered().filter(({table:n,txid:o})=>{let h=e.get(n);return!h||o===null||m(h,o)}).flatMap(
n=>this.#e.settle(n)),...t.flatMap(({table:n,rows:o,snapshot:h})=>n.replace(o,h))];this.#g("transaction",{txid:null,changes:i}),
this.#a(this)}#m(t){this.#n.push(t)>1||(this.#e.inserting?this.#o=this.#s.setTimeout(()=>this.#d(),mt):this.#d())}#d(){this.#s.
clearTimeout(this.#o);for(let t;t=this.#n.shift();)"spec"in t?this.#S(t):this.#c(t)}#S(t){let e=[...this.#t.values()].find(
({spec:s})=>s===t.spec);this.#g("transaction",{txid:null,changes:this.#r.settle(e,t)})}#c({cursor:t,changes:e}){for(let s=0;s<
e.length;){let{txid:i}=e[s],n=[],o=!1,h=s;for(;h<e.length&&e[h].txid===i;h++){let a=e[h],l=this.#t.get(a.table);if(l?.awaits(
a)){o=!0,this.#r.check(l,a,t);for(let g of l.apply(a))n.push(g)}}n.push(...this.#e.confirmed(i)),(o||n.length>0)&&this.#g(
"transaction",{txid:i,changes:n}),s=h}this.#t.forEach(s=>s.reached(t))}#p(t){this.#h=Object.freeze(t),this.#e.open(t.phase===
"live"),this.dispatchEvent(new CustomEvent("state",{detail:this.#h}))}#g(t,e){(t!=="transaction"||e.txid||e.changes.length>
0)&&this.dispatchEvent(new CustomEvent(t,{detail:e}))}};var ge=r=>new M(r,D);export{u as Refused,ge as connect};
