// Made from client/src by client/build.js; not to be edited. Types: pbp.d.ts.
function J(r,t){let{origin:s,pathname:e}=new URL(r),[,i]=/^(.*)\/static\/pbp\.js$/.exec(e)??[];return i===void 0?"":s===
new URL(t).origin?i:s+i}var D={now:()=>performance.now(),time:()=>Date.now(),random:()=>Math.random(),setTimeout:(r,t)=>setTimeout(
r,t),clearTimeout:r=>clearTimeout(r),setInterval:(r,t)=>setInterval(r,t),clearInterval:r=>clearInterval(r),fetch:(r,t)=>fetch(
r,t),webSocket:r=>new WebSocket(r),eventSource:r=>new EventSource(r),channel:r=>new BroadcastChannel(r),locks:()=>navigator.
locks,uuid:()=>crypto.randomUUID(),canShare:()=>"locks"in navigator&&"BroadcastChannel"in globalThis,address:()=>location.
href,base:()=>J(import.meta.url,location.href),warn:r=>console.warn(r),onPage(r,{sleep:t,restore:s,online:e}){window.addEventListener(
"pagehide",t,{signal:r}),document.addEventListener("freeze",t,{signal:r}),window.addEventListener("pageshow",s,{signal:r}),
document.addEventListener("resume",s,{signal:r}),window.addEventListener("online",e,{signal:r}),document.addEventListener(
"visibilitychange",()=>document.visibilityState==="visible"&&e(),{signal:r})}};function d(r){if(!/^A[\w-]+$/.test(r)||r.length%4===1)return null;let t=Uint8Array.from(atob(r.replace(/-/g,"+").replace(
/_/g,"/")),o=>o.charCodeAt(0));if(t[0]!==1)return null;let s=1,e=()=>{for(let o=0,h=1;;h*=128){let a=t[s++]??0;if(o+=a%128*
h,a<128)return o}},i=e(),n=new Set;for(let o=e(),h=i;o>0&&s<t.length;o--)h-=e(),n.add(h);return{xmax:i,running:n}}function m({
xmax:r,running:t},s){return Number(s)<r&&!t.has(Number(s))}function p(r,t){return t.xmax<=r.xmax&&[...r.running].every(s=>!m(
t,s))}function O(r,t,s){return r.random()*Math.min(s,1e3*2**t)}function y(r){return/\d{16}/.test(r)?JSON.parse(r,K):JSON.parse(r)}function K(r,t,s){let e=s?.source??"";return typeof t==
"number"&&!Number.isSafeInteger(t)&&/^-?\d+$/.test(e)?e:t}function w(r,t){if(r===t)return!0;if(!_(r)||!_(t))return!1;let s=Object.
keys(r);return s.length===Object.keys(t).length&&s.every(e=>w(r[e],t[e]))}function _(r){return typeof r=="object"&&r!==null}
function q(r,t){return w(r,t)||Object.keys({...r,...t}).every(s=>w(r[s]??null,t[s]??null))}var u=class extends Error{constructor(t,{status:s=0,problem:e={},current:i=null,retryAfter:n=0}={}){super(t),this.name="\
Refused",this.status=s,this.problem=e,this.current=i,this.retryAfter=n}};function S({status:r}){return[400,401,403,404].
includes(r)}async function f(r,t,{headers:s={},...e}){let i=await r.fetch(t,{cache:"no-store",...e,headers:{Accept:"appl\
ication/json",...s}}),n=await i.text();if(i.ok)return{response:i,body:n?y(n):null};let o=i.headers.get("Content-Type")?.
includes("json")?y(n):{};throw new u(o.detail??`${t}: ${i.status} ${i.statusText}`,{status:i.status,problem:o,current:o.
current??null,retryAfter:(Number(i.headers.get("Retry-After"))||0)*1e3})}function T(r,t){return"any"in AbortSignal?AbortSignal.
any([r,AbortSignal.timeout(t)]):r}var W=60*1e3,b=class r{rows=new Map;snapshot=null;mismatch=null;#t=new Map;#e;constructor(t,{url:s,key:e=["id"]},i={}){this.
name=t,this.url=s,this.keyColumns=[e].flat(),this.#e=Object.entries(i),this.spec=JSON.stringify([t,s,this.keyColumns,this.#e])}static of(t){
let[s,e,i,n]=JSON.parse(t);return new r(s,{url:e,key:i},Object.fromEntries(n))}get term(){let[t]=this.#e;return t?`${this.
name}.${t[0]}=${t[1]}`:this.name}keyOf(t){let s=this.keyColumns.map(e=>t[e]);return s.length===1?s[0]:JSON.stringify(s)}awaits({
op:t,old:s,new:e,txid:i}){return this.snapshot&&m(this.snapshot,i)?!1:this.#e.length===0||t==="truncate"||!!(s&&this.matches(
s)||e&&this.matches(e))}skip(t){(!this.snapshot||p(t,this.snapshot))&&(this.snapshot=t)}reached(t){let s=this.snapshot&&
d(t);s&&this.snapshot&&p(s,this.snapshot)&&(this.snapshot=null)}matches(t){return this.#e.every(([s,e])=>t[s]!==null&&String(
t[s])===String(e))}async read(t,s){let{response:e,body:i}=await f(t,this.url,{signal:T(s,W)}),n=e.headers.get("PBP-Curso\
r");if(!n||!Array.isArray(i))throw new u(`${this.url}: expected a list of rows with a PBP-Cursor`,{status:e.status});let o=new Map;
for(let h of i){if(!this.matches(h))continue;let a=this.keyOf(h);if(this.keyColumns.some(l=>h[l]===void 0)||o.has(a)){let l=this.
keyColumns.join(", ");throw new u(`${this.url}: key (${l}) does not identify the rows; give this table's primary key as \
key in connect()`)}o.set(a,h)}return{table:this,rows:o,cursor:n,snapshot:d(n)}}serverRows(){let t=new Map([...this.rows].
filter(([s])=>!this.#t.has(s)));return this.#t.forEach((s,e)=>s&&t.set(e,s)),t}#i(t){return this.#t.has(t)?this.#t.get(t):
this.rows.get(t)}agrees({op:t,key:s,old:e}){if(t==="truncate")return!0;let i=this.#i(this.keyOf(s)),n=e&&this.matches(e)?
e:void 0;return i&&n?q(i,n):i===n}reread(t,s){for(let[e,i]of this.mismatch?.changed??[]){if(m(s,i))continue;let n=this.#i(
e);n?t.set(e,n):t.delete(e)}return this.replace(t,s)}replace(t,s=this.snapshot){return this.snapshot=s,this.mismatch=null,
[...[...this.rows.keys(),...this.#t.keys()].filter(i=>!t.has(i)).flatMap(i=>this.#s(i,void 0)),...[...t].flatMap(([i,n])=>this.#s(
i,n))]}apply({op:t,key:s,new:e,txid:i}){if(t==="truncate")return this.replace(new Map);let n=this.keyOf(s);return this.mismatch?.
changed.set(n,i),this.#s(n,e&&this.matches(e)?e:void 0)}#s(t,s){return this.#t.has(t)?(this.#t.set(t,s),[]):this.#r(t,s)}overlay(t,s){
let e=this.#i(t);s.length>0?this.#t.set(t,e):this.#t.delete(t);let i=e;for(let n of s)i=n.kind==="delete"?void 0:{...i,...n.
fields};return this.#r(t,i)}rename(t,s){let e=this.rows.get(t);return this.rows.delete(t),this.#t.delete(t),this.#t.has(
s)||this.#t.set(s,this.rows.get(s)),e}#r(t,s){let e=this.rows.get(t);if(s===void 0?e===void 0:e!==void 0&&w(e,s))return[];
s===void 0?this.rows.delete(t):this.rows.set(t,s);let i=e===void 0?"insert":s===void 0?"delete":"update";return[{table:this.
name,op:i,key:t,old:e??null,new:s??null}]}};var Y=18,I={socket(r,t,s){let e=new URL(t(),r.address());e.protocol=e.protocol.replace("http","ws");let i=r.webSocket(String(
e));return i.onmessage=({data:n})=>{let o=y(n);s(o.mustRefetch?"refetch":"message",o)},i.onclose=({reason:n})=>{let o=Number(
/^retry=(\d+)$/.exec(n)?.[1]??0);s("lost",Object.assign(new Error("the connection was lost"),{retryAfter:o}))},()=>i.close()},
stream(r,t,s){let e=r.eventSource(t());return e.onmessage=({data:i})=>s("message",y(i)),e.addEventListener("must-refetch",
()=>s("refetch")),e.onerror=()=>s("lost",new Error("the connection was lost")),()=>e.close()},poll(r,t,s){let e=new AbortController,
{signal:i}=e;return(async()=>{for(let n=0;!i.aborted;n=Y){let{body:o}=await f(r,t(n),{signal:i});s("message",o)}})().catch(
n=>s(n.status===410?"refetch":"lost",n)),()=>e.abort()}};var k=Object.keys(I),Q={reading:{read:"connect",failed:"wait",sleep:"pause",close:"end"},connecting:{message:"live",lost:"\
wait",silent:"wait",refetch:"read",turn:"turn",sleep:"pause",close:"end"},live:{message:"live",lost:"wait",silent:"wait",
refetch:"read",turn:"turn",sleep:"pause",close:"end"},waiting:{timer:"resume",wake:"resume",sleep:"pause",close:"end"},paused:{
wake:"resume",close:"end"},closed:{}},V=25*1e3,X=8*1e3,B=1e3,Z=3*1e3,tt=30*1e3,j={first:10*1e3,most:300*1e3},U=5*1e3,st=2*
1e3,v=class{#t="waiting";#e=null;#i=null;#s;#r=0;#n=0;#o=()=>{};#h=0;#a=new Map;#l=0;#u=[];#f=!1;#w=0;#m=0;#d=j.first;#E=-1/0;#c;#p;#g=new AbortController;constructor(t,s,e=null){
this.#c=t,this.#p=s,this.#s=e}start(){let t=()=>this.fire("wake");this.#c.onPage(this.#g.signal,{sleep:()=>this.fire("sl\
eep"),restore:t,online:t}),this.#k("resume")}close(){this.fire("close")}fire(t,s){let e=Q[this.#t][t];e&&this.#k(e,s)}#k(t,s){
switch(t){case"live":return this.#P(s);case"wait":return this.#$(s);case"connect":return this.#s=s,this.#T();case"turn":
return this.#T();case"read":return this.#x();case"resume":return this.#s===null?this.#y():this.#T();case"pause":return this.#S(
"paused",()=>()=>{});case"end":return this.#g.abort(),this.#S("closed",()=>()=>{})}}#S(t,s){this.#o(),this.#t=t,t!=="con\
necting"&&t!=="live"&&(this.#e=null);let e=!0,i=s((n,o)=>e&&this.fire(n,o));this.#o=()=>{e=!1,i()},this.#O()}#O(){this.#p.
state({phase:this.#t,transport:this.#e,role:"alone",error:this.#i})}#y(){this.#S("reading",t=>{let s=new AbortController;
return this.#p.read(s.signal).then(e=>t("read",e),e=>t("failed",e)),()=>s.abort()})}#x(){this.#s=null;let t=this.#c.now(),
s=t-this.#E<U;this.#E=t,s?this.#$(new Error("the server asks to read again, and again")):this.#y()}#T(){let t=this.#c;this.#h=
t.time(),this.#e=k[this.#l],this.#u=this.#f?[]:[...k.keys()].filter(s=>s!==this.#l),this.#S("connecting",s=>{let e=t.setInterval(
()=>this.#L(s),st);return this.#v(this.#l,s),this.#b(B,()=>this.#R(s)),()=>{t.clearInterval(e),t.clearTimeout(this.#w),[
...this.#a.keys()].forEach(i=>this.#A(i))}})}#b(t,s){this.#c.clearTimeout(this.#w),this.#w=this.#c.setTimeout(s,t)}#v(t,s){
let{terms:e}=this.#p,i={from:this.#s,heard:this.#c.time(),close:()=>{}};this.#a.set(t,i);let n=h=>(i.from=this.#s,this.#p.
address(e,this.#s,h)),o=(h,a)=>{this.#a.get(t)===i&&(i.heard=this.#c.time(),this.#I(t,s,h,a))};try{i.close=I[k[t]](this.#c,
n,o)}catch(h){queueMicrotask(()=>o("lost",h))}}#A(t){let s=this.#a.get(t);this.#a.delete(t),s?.close()}#I(t,s,e,i){if(this.#t===
"live"&&t!==this.#l){let n=e==="message"?this.#j(t,i):null;n?(this.#C(t,s),this.#O(),s("message",n)):e!=="message"&&this.#N(
t,s)}else this.#t==="connecting"&&e==="lost"&&(this.#a.size>1||this.#u.length>0)?(this.#A(t),this.#R(s),this.#O()):(this.#t===
"connecting"&&e!=="lost"&&this.#C(t,s),s(e,i))}#R(t){let s=this.#u.shift();s!==void 0&&(this.#e=k[s],this.#v(s,t),this.#b(
B,()=>this.#R(t)))}#C(t,s){this.#l=t,this.#f=!0,this.#e=k[t],[...this.#a.keys()].filter(e=>e!==t).forEach(e=>this.#A(e)),
t===0&&(this.#d=j.first),this.#b(this.#d,()=>this.#M(s))}#M(t){if(this.#t!=="live"||this.#l===0)return;let s=this.#m++%this.#l;
this.#d=Math.min(2*this.#d,j.most),this.#v(s,t),this.#b(Z,()=>this.#N(s,t))}#N(t,s){this.#A(t),this.#b(this.#d,()=>this.#M(
s))}#j(t,s){if(this.#a.get(t)?.from===this.#s)return s;let[e,i]=[this.#s,s.cursor].map(n=>n&&d(n));return!e||!i||!p(i,e)?
null:{...s,changes:s.changes.filter(({txid:n})=>!m(e,n))}}#L(t){let s=this.#t==="live",e=this.#c.time()-(s?this.#a.get(this.#l)?.
heard??0:this.#h);e>(s?V:X)&&t("silent",new Error(`no word from the server for ${Math.round(e/1e3)} s`))}#P(t){this.#s=t.
cursor,this.#t==="connecting"&&(this.#t="live",this.#n=this.#c.now(),this.#i=null,this.#O()),this.#p.batch(t)}#$(t){this.#t===
"connecting"&&this.#f&&(this.#l=(this.#l+1)%k.length),this.#t==="live"&&this.#c.now()-this.#n>U&&(this.#r=0),this.#i=t?.
message??null;let s=(t?.retryAfter??0)+O(this.#c,this.#r++,tt);this.#S("waiting",e=>{let i=this.#c.setTimeout(()=>e("tim\
er"),s);return()=>this.#c.clearTimeout(i)})}};var et=2*1e3,F={waiting:5*1e3,supplied:75*1e3},it=100,x=class{#t;#e;#i;#s;#r=null;#n=null;#o=0;#h=new AbortController;constructor(t,s,e){
this.#t=t.uuid(),this.#e=t,this.#i=s,this.#s=e}get joined(){return this.#r!==null}join(){let t=this.#e;this.#h=new AbortController;
let{signal:s}=this.#h;this.#r=t.channel(this.#i),this.#r.onmessage=({data:i})=>this.#u(i),this.#o=t.time(),this.#n=null,
this.#s.joined(),this.#a(s,{signal:s});let e=t.setInterval(()=>this.#l(),et);s.addEventListener("abort",()=>t.clearInterval(
e))}leave(){this.send({kind:"bye"}),this.#h.abort(),this.#n=null,this.#r?.close(),this.#r=null}send(t){this.#r?.postMessage(
{from:this.#t,...t})}#a(t,s){this.#e.locks().request(this.#i,s,async()=>{if(t.aborted)return;let e=new Promise(i=>t.addEventListener(
"abort",i));this.#n=this.#t,await this.#s.elected(t),await e}).catch(()=>{t.aborted||this.#n!==this.#t||(this.#n=null,this.#s.
deposed(),this.#a(t,{signal:t}))})}async grace(){let{pending:t=[]}=await this.#e.locks().query();t.some(({name:s})=>s===
this.#i)&&await new Promise(s=>this.#e.setTimeout(()=>s(null),it))}#l(){let t=this.#e.time(),s=this.#s.supplied()?F.supplied:
F.waiting;this.#n!==this.#t&&t-this.#o>s&&(this.#o=t,this.#a(this.#h.signal,{steal:!0}))}#u(t){let{kind:s,from:e,to:i}=t;
if(!(i&&i!==this.#t)){if(this.#n===this.#t){this.#s.lead(t);return}if(!["hello","need","mismatch"].includes(s)){if(s==="\
bye"){e===this.#n&&(this.#n=null);return}(s==="lead"||this.#n===null)&&(this.#n=e),e===this.#n&&(this.#o=this.#e.time(),
this.#s.follow(t))}}}};function L(r){let t=r.indexOf("="),s=t<0?-1:r.slice(0,t).lastIndexOf(".");return s<0?r:r.slice(0,s)}function E(r,t){return t.
every(s=>r.includes(s)||r.includes(L(s)))}function H(r){let t=new Set(r),s=t.size<=100;return[...new Set([...t].map(e=>s&&
!t.has(L(e))?e:L(e)))].sort()}var nt=10*1e3,A=class{#t=new Map;#e;#i=null;#s=new AbortController;#r;#n;#o;constructor(t,s,e){this.#r=t,this.#n=s,this.#o=
e,this.#e=e.position.followed}get connected(){return this.#i!==null}start(){this.#r.setTimeout(()=>this.#e=[],nt);let{position:t}=this.#o;
t.followed=this.#h(),this.#i=new v(this.#r,this.#a(),t.cursor),this.#i.start()}end(){this.#s.abort(),this.#i?.close()}refetch(){
this.#i?.fire("refetch")}forget(t){this.#t.delete(t)}#h(){return H([...this.#n.terms,...this.#e,...[...this.#t.values()].
flat()])}#a(){let t=this,s=this.#o,{position:e}=s;return{...this.#n,get terms(){return e.followed=t.#h()},read:async i=>{
s.stopReading();let n=await this.#n.read(i).catch(o=>{if(!S(o))throw o;return s.goAlone(),new Promise(()=>{})});return e.
cursor=n,e.epoch=this.#r.uuid(),s.send({...s.copy(this.#n.specs),to:null}),n},batch:i=>{let{epoch:n,cursor:o,followed:h}=e;
s.send({kind:"batch",epoch:n,after:o,followed:h,batch:i}),s.take(i)},state:i=>{this.#s.signal.aborted||(s.send({kind:"st\
ate",state:i}),s.show(i))}}}async provide(t,s,e){let i=this.#o,{position:n}=i;if(!E(n.followed,s)){let{signal:o}=this.#s,
h=this.#n.address(s,n.cursor,0),a=await f(this.#r,h,{signal:o}).then(()=>!1,S);if(o.aborted)return;if(a){i.send({kind:"r\
efused",to:t});return}}this.#t.set(t,s),E(n.followed,s)||(n.followed=this.#h(),this.#i?.fire("turn")),e&&(n.cursor&&this.#i&&
i.send({...i.copy(e),to:t}),i.send({kind:"state",to:t,state:i.state()}))}};var rt=1e3,R=class{#t=[];#e=new AbortController;#i=0;#s;#r;#n;#o;constructor(t,s,e,i){this.#s=t,this.#r=s,this.#n=e,this.#o=
i}async run(){let{signal:t}=this.#e;try{await this.#r.read(t,this.#n),t.aborted||this.#o.done(this.#t)}catch(s){if(t.aborted)
return;if(S(s)){this.#o.refused();return}this.#o.failed(s);let e=(s.retryAfter||1e3)*(1+this.#s.random());this.#i=this.#s.
setTimeout(()=>this.run(),e)}}hold(t){return this.#t.push(t)<=rt}stop(){this.#e.abort(),this.#s.clearTimeout(this.#i)}};var C=class{#t;#e;#i;#s={cursor:null,epoch:null,followed:[]};#r=!0;#n=null;#o=null;#h=null;#a=new Set;#l={phase:"reading",
transport:null,role:"follower",error:null};#u=new AbortController;constructor(t,s,e){this.#t=t,this.#e=s,this.#i=e===null?
null:new x(t,e,{joined:()=>this.#y(),elected:i=>this.#E(i),deposed:()=>this.#c(),supplied:()=>this.#s.cursor!==null,lead:i=>this.#g(
i),follow:i=>this.#k(i)})}start(){if(!this.#i){this.#m();return}this.#t.onPage(this.#u.signal,{sleep:()=>this.#d("paused"),
restore:()=>this.#w(),online:()=>{}}),this.#w()}close(){this.#u.abort(),this.#h?this.#h.close():this.#d("closed")}requestRead(t){
this.#h||this.#n?this.#f(t):this.#i?.send({kind:"mismatch",spec:t})}async#f(t){if(this.#a.has(t))return;this.#a.add(t);let{
epoch:s}=this.#s;try{let{rows:e,snapshot:i}=await b.of(t).read(this.#t,this.#u.signal);this.#i?.send({kind:"reread",epoch:s,
spec:t,rows:e,snapshot:i}),s===this.#s.epoch&&this.#e.reread({spec:t,rows:e,snapshot:i})}catch{}this.#t.setTimeout(()=>this.#a.
delete(t),1e3)}#w(){!this.#h&&!this.#i?.joined&&this.#i?.join()}#m(){this.#d("waiting"),this.#h=new v(this.#t,this.#e),this.#h.
start()}#d(t){this.#i?.joined&&(this.#i.leave(),this.#p(),this.#b(),this.#e.state({phase:t,transport:null,role:"follower",
error:null}))}async#E(t){let s=this.#i,e=new A(this.#t,this.#e,{position:this.#s,state:()=>this.#l,send:i=>s.send(i),copy:i=>this.#x(
i),take:i=>this.#O(i),show:i=>this.#v(i),stopReading:()=>this.#b(),goAlone:()=>this.#m()});this.#n=e,s.send({kind:"lead",
lost:this.#r}),this.#r&&await s.grace(),!(t.aborted||this.#n!==e)&&(this.#r=!1,e.start())}#c(){this.#p(),this.#i?.send({
kind:"bye"}),this.#y()}#p(){let t=this.#n;this.#n=null,t?.end()}#g(t){let{from:s}=t;switch(t.kind){case"mismatch":this.#f(
t.spec);break;case"bye":this.#n?.forget(s);break;case"hello":this.#n?.provide(s,t.terms,t.specs);break;case"need":this.#n?.
provide(s,t.terms,null);break;case"copy":this.#r&&!this.#n?.connected&&this.#T(t);break}}#k(t){switch(t.kind){case"lead":
this.#i?.send({kind:"need",terms:this.#e.terms}),this.#r?this.#y():t.lost&&this.#i?.send({...this.#x(this.#e.specs),to:t.
from});break;case"copy":(this.#r||t.epoch!==this.#s.epoch)&&this.#T(t);break;case"batch":this.#S(t);break;case"reread":t.
epoch===this.#s.epoch&&this.#e.reread(t);break;case"state":this.#v(t.state);break;case"refused":this.#m();break}}#S({epoch:t,
after:s,followed:e,batch:i}){if(this.#r)return;let n=this.#s;if(t!==n.epoch||!E(e,this.#e.terms)){this.#y();return}if(s!==
n.cursor){let[o,h]=[n.cursor,s].map(a=>a&&d(a));if(this.#o||!o||!h||!p(o,h)){this.#y();return}this.#e.skip(o)}n.followed=
e,this.#O(i)}#O(t){this.#s.cursor=t.cursor,this.#o?this.#o.hold(t)||(this.#n?this.#n.refetch():this.#y()):this.#e.batch(
t)}#y(){this.#b(),this.#r=!0,this.#i?.send({kind:"hello",terms:this.#e.terms,specs:this.#e.specs})}#x(t){return{kind:"co\
py",...this.#s,tables:this.#o?[]:this.#e.copy(t)}}#T({epoch:t,cursor:s,followed:e,tables:i}){if(this.#b(),!this.#n&&!E(e,
this.#e.terms)){this.#y();return}this.#r=!1,Object.assign(this.#s,{epoch:t,cursor:s,followed:e});let n=s===null?null:d(s),
o=new Map(i.map(([h,{rows:a,snapshot:l}])=>[h,{rows:a,snapshot:l??n}]));this.#o=new R(this.#t,this.#e,o,{done:h=>{this.#o=
null,h.forEach(a=>this.#e.batch(a)),this.#v()},failed:({message:h})=>this.#v(this.#l,h),refused:()=>this.#m()}),this.#v(),
this.#o.run()}#b(){this.#o&&(this.#o.stop(),this.#o=null,this.#s.cursor=null,this.#r=!0)}#v(t=this.#l,s=t.error){this.#l=
t;let e=this.#r||this.#o!==null,i=this.#n?"leader":"follower";this.#e.state({...t,error:s,role:i,phase:t.phase==="live"&&
e?"connecting":t.phase})}};var G=300*1e3,ot=2*G,M=class{#t;#e;#i=new WeakMap;constructor(t,s){this.#t=t,this.#e=s}check(t,s,e){if(t.mismatch||t.agrees(
s))return;let i=d(e);if(!i)return;let n=this.#s(t);n.attempts>0&&!n.warned&&(n.warned=!0,this.#t.warn(`pbp: ${t.name}, k\
ey ${t.keyOf(s.key)}: not the row that the feed says, even read again`));let o=t.mismatch={snapshot:i,changed:new Map},h=()=>{
let a=O(this.#t,n.attempts++,G);this.#t.setTimeout(()=>{t.mismatch===o&&(this.#e(t.spec),h())},a)};h()}#s(t){let s=this.#t.
now(),e=this.#i.get(t)??{at:-1/0,attempts:0,warned:!1};return s-e.at>ot&&(e.attempts=0),e.at=s,this.#i.set(t,e),e}settle(t,{
rows:s,snapshot:e}){return t?.mismatch&&e&&p(e,t.mismatch.snapshot)?t.reread(s,e):[]}};var ht=30*1e3,z=100,at=500,ct={insert:"POST",update:"PUT",delete:"DELETE"},N=class{#t=[];#e=new Set;#i;#s;#r;#n=!1;#o=0;#h=null;#a=new AbortController;#l=0;constructor(t,s,e){
this.#i=t,this.#s=s,this.#r=e}get inserting(){return this.#h?.kind==="insert"}get count(){return this.#t.length}concern(t,s){
return this.#f(t,s).length>0}answered(){return this.#t.filter(t=>t.stage==="answered")}insert(t,s){return this.#u("inser\
t",t,null,s)}update(t,s,e,i){return this.#u("update",t,s,e,i)}delete(t,s){return this.#u("delete",t,s,{})}#u(t,s,e,i,n){
return this.#t.length>=z?Promise.reject(new u(`${s.name}: ${z} writes are waiting for the server already; try again late\
r`,{status:503})):e!==null&&!s.rows.has(e)?Promise.reject(new u(`${s.name}: no row with key ${e}`,{status:404})):new Promise(
(o,h)=>{let a={kind:t,table:s,key:e??`new-${++this.#l}`,fields:i,expect:n,stage:"queued",txid:null,row:null,resolve:o,reject:h};
this.#t.push(a),this.#m(a,"pending"),this.#d()})}open(t){this.#n=t,this.#d()}close(){this.#a.abort(),this.#i.clearTimeout(
this.#o);for(let t of[...this.#t])this.#k(t,new u(`${t.table.name}: closed before the server confirmed this`))}confirmed(t){
if(this.#e.add(t),this.#e.size>at){let[e]=this.#e;this.#e.delete(e)}let s=this.#t.find(e=>e.txid===t&&e.stage==="answere\
d");return s?this.settle(s):[]}settle(t){this.#w(t);let s=t.table.overlay(t.key,this.#f(t.table,t.key));return this.#s("\
write",{table:t.table.name,key:t.key,stage:"saved",error:null}),t.resolve(t.row),s}#f(t,s){return this.#t.filter(e=>e.table===
t&&e.key===s)}#w(t){this.#t=this.#t.filter(s=>s!==t)}#m({table:t,key:s},e,i=null){let n=t.overlay(s,this.#f(t,s));this.#s(
"transaction",{txid:null,changes:n}),this.#s("write",{table:t.name,key:s,stage:e,error:i})}async#d(){let t=this.#t.find(
({stage:s})=>s==="queued");if(!(!t||!this.#n||this.#h||this.#o)){this.#h=t;try{let{response:s,body:e}=await this.#E(t);this.#c(
t,s.headers.get("PBP-Txid"),e)}catch(s){this.#a.signal.aborted||this.#g(t,s)}this.#h=null,this.#r(),this.#d()}}async#E({
kind:t,table:s,key:e,fields:i,expect:n}){let o=T(this.#a.signal,ht),h={},a=t==="insert"?s.url:`${s.url}/${encodeURIComponent(
e)}`;if(n){let{response:g,body:P}=await f(this.#i,a,{signal:o});if(!w(P,n))throw new u(`${s.name}: the row with key ${e}\
 has changed since you read it`,{status:412,current:P});h["If-Match"]=String(g.headers.get("ETag"))}let l=ct[t];return t===
"delete"?f(this.#i,a,{method:l,headers:h,signal:o}):(h["Content-Type"]="application/json",f(this.#i,a,{method:l,headers:h,
signal:o,body:JSON.stringify(i)}))}#c(t,s,e){Object.assign(t,{stage:"answered",txid:s,row:e});let{table:i}=t;t.kind==="i\
nsert"&&e&&this.#p(t,e);let n=e&&!i.matches(e)&&(t.kind==="insert"||!i.rows.has(t.key));if(!s||n||this.#e.has(s)){let o=this.
settle(t);this.#s("transaction",{txid:null,changes:o})}}#p(t,s){let{table:e}=t,[i,n]=[String(t.key),e.keyOf(s)],o=e.rename(
i,n)??null;this.#t.forEach(h=>h.table===e&&h.key===i&&(h.key=n)),t.fields=s,e.overlay(n,this.#f(e,n)),this.#s("transacti\
on",{txid:null,changes:[{table:e.name,op:"update",key:n,was:i,old:o,new:e.rows.get(n)??null}]})}#g(t,s){let{kind:e,fields:i}=t,
n=s.status===503||s.status===429,o=s instanceof TypeError||s.name==="TimeoutError";e==="delete"&&s.status===404?this.#c(
t,null,null):e==="update"&&s.status===412&&s.current&&w({...s.current,...i},s.current)?this.#c(t,null,s.current):o&&e===
"insert"?this.#k(t,new u(`${t.table.name}: the connection broke while this was sent; if it was saved, it will show`)):n||
o?this.#o=this.#i.setTimeout(()=>{this.#o=0,this.#d()},s.retryAfter||1e3):this.#k(t,s)}#k(t,s){this.#w(t),this.#m(t,"ref\
used",s),t.reject(s);for(let e of t.kind==="insert"?this.#f(t.table,t.key):[])this.#k(e,new u(`${t.table.name}: the row \
was not added`,{status:404}))}};var lt=1e3,$=class extends EventTarget{#t=new Map;#e;#i;#s;#r;#n=[];#o=0;#h={phase:"reading",transport:null,role:"alone",
error:null};#a=()=>{};constructor({base:t,tables:s,filters:e={},share:i=!0},n){super();let o=t??n.base();this.#e=n;let h=Array.
isArray(s)?s.map(l=>[l,{}]):Object.entries(s);for(let[l,g]of h)this.#t.set(l,new b(l,{url:`${o}/api/${encodeURIComponent(
l)}`,...g},e[l]));if(this.#t.size===0)throw new TypeError("connect: tables: name at least one table to follow");this.ready=
new Promise(l=>this.#a=l),this.#s=new N(n,(l,g)=>this.#g(l,g),()=>this.#d()),this.#r=new M(n,l=>this.#i.requestRead(l));
let a=i&&n.canShare()?`pbp ${new URL(`${o}/`,n.address())}`:null;this.#i=new C(n,this.#l(o),a),this.#i.start()}#l(t){let s=[
...this.#t.values()];return{terms:s.map(e=>e.term),specs:s.map(e=>e.spec),address:(e,i,n)=>{let o=new URLSearchParams(e.
map(h=>["table",h]));return i&&o.set("cursor",i),n!==void 0&&o.set("wait",String(n)),`${t}/api/_changes?${o}`},read:async(e,i=new Map)=>{
let n=await this.#f(s.filter(({spec:h})=>!i.has(h)),e),o=s.flatMap(h=>{let a=i.get(h.spec);return a?[{table:h,...a}]:[]});
return this.#w([...n,...o]),n[0]?.cursor},copy:e=>(this.#d(),s.filter(({spec:i,mismatch:n})=>e.includes(i)&&!n).map(i=>[
i.spec,{rows:i.serverRows(),snapshot:i.snapshot}])),batch:e=>this.#m(e),skip:e=>s.forEach(i=>i.skip(e)),reread:e=>this.#m(
e),state:e=>this.#p(e)}}get state(){return this.#h}table(t){return this.#u(t).rows}insert(t,s){return this.#s.insert(this.#u(
t),s)}update(t,s,e,{expect:i}={}){return this.#s.update(this.#u(t),s,e,i)}delete(t,s){return this.#s.delete(this.#u(t),s)}pending(t,s){
return this.#s.concern(this.#u(t),s)}get writing(){return this.#s.count}close(){this.#i.close(),this.#s.close(),this.#t.
forEach(t=>t.mismatch=null)}#u(t){let s=this.#t.get(t);if(!s)throw new RangeError(`${t}: not among the tables connected \
to (${[...this.#t.keys()].join(", ")})`);return s}async#f([t,...s],e){if(!t)return[];let i=[await t.read(this.#e,e)];return i.
push(...await Promise.all(s.map(n=>n.read(this.#e,e)))),e.throwIfAborted(),i}#w(t){this.#n=[];let s=new Map(t.map(({table:n,
snapshot:o})=>[n,o])),i=[...this.#s.answered().filter(({table:n,txid:o})=>{let h=s.get(n);return!h||o===null||m(h,o)}).flatMap(
n=>this.#s.settle(n)),...t.flatMap(({table:n,rows:o,snapshot:h})=>n.replace(o,h))];this.#g("transaction",{txid:null,changes:i}),
this.#a(this)}#m(t){this.#n.push(t)>1||(this.#s.inserting?this.#o=this.#e.setTimeout(()=>this.#d(),lt):this.#d())}#d(){this.#e.
clearTimeout(this.#o);for(let t;t=this.#n.shift();)"spec"in t?this.#E(t):this.#c(t)}#E(t){let s=[...this.#t.values()].find(
({spec:e})=>e===t.spec);this.#g("transaction",{txid:null,changes:this.#r.settle(s,t)})}#c({cursor:t,changes:s}){for(let e=0;e<
s.length;){let{txid:i}=s[e],n=[],o=!1,h=e;for(;h<s.length&&s[h].txid===i;h++){let a=s[h],l=this.#t.get(a.table);if(l?.awaits(
a)){o=!0,this.#r.check(l,a,t);for(let g of l.apply(a))n.push(g)}}n.push(...this.#s.confirmed(i)),(o||n.length>0)&&this.#g(
"transaction",{txid:i,changes:n}),e=h}this.#t.forEach(e=>e.reached(t))}#p(t){this.#h=Object.freeze(t),this.#s.open(t.phase===
"live"),this.dispatchEvent(new CustomEvent("state",{detail:this.#h}))}#g(t,s){(t!=="transaction"||s.txid||s.changes.length>
0)&&this.dispatchEvent(new CustomEvent(t,{detail:s}))}};var ds=r=>new $(r,D);export{u as Refused,ds as connect};
