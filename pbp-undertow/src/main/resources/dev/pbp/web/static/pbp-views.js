// Made from client/src by client/build.js; not to be edited. pbp.js loads it where there are views.
function $(r,t,e){return r.random()*Math.min(e,1e3*2**t)}function m(r,t){if(r===t)return!0;if(!N(r)||!N(t))return!1;let e=Object.keys(r);return e.length===Object.keys(t).length&&
e.every(n=>m(r[n],t[n]))}function N(r){return typeof r=="object"&&r!==null}function A({status:r}){return[400,401,403,404].includes(r)}var D=30*1e3,x=class{#e;#t;#o=()=>{};#n=()=>{};constructor(t,e){this.#e=t,this.#t=e,this.done=new Promise((n,i)=>{this.#o=
n,this.#n=i}),this.done.catch(()=>{})}async begin(){let{fits:t,follows:e,request:n,turn:i,refuse:s}=this.#t,o=this.#e;return!o.
dropped&&!t()&&s(new RangeError(`${o.name}: one connection cannot follow that many views`)),o.dropped&&this.end(new Error(
`${o.name}: dropped before it was read`)),await this.#i(async()=>e()||n()),o.dropped||(o.admitted=!0,i()),this.done}load(){
return this.#i(async()=>{if(await this.#t.read(),this.#e.loading)throw new Error("the read is older than the feed")})}end(t){
t?this.#n(t):this.#o()}async#i(t){let{platform:e,refuse:n}=this.#t,i=this.#e,s=()=>i.dropped||!i.loading;for(let o=0;!s();o++)
try{await t();return}catch(c){if(s())return;if(A(c))return n(c);let u=(c.retryAfter??0)+$(e,o,D);await new Promise(f=>e.
setTimeout(()=>f(null),u))}}};function C(r){if(!/^A[\w-]+$/.test(r)||r.length%4===1)return null;let t=Uint8Array.from(atob(r.replace(/-/g,"+").replace(
/_/g,"/")),o=>o.charCodeAt(0));if(t[0]!==1)return null;let e=1,n=()=>{for(let o=0,c=1;;c*=128){let u=t[e++]??0;if(o+=u%128*
c,u<128)return o}},i=n(),s=new Set;for(let o=n(),c=i;o>0&&e<t.length;o--)c-=n(),s.add(c);return{xmax:i,running:s}}function R({
xmax:r,running:t},e){return Number(e)<r&&!t.has(Number(e))}var W=[[/^(smallint|integer|bigint|oid|numeric(\(.*\))?|real|double precision)$/,"number"],[/^(date|timestamp(\(\d\))? with(out)? time zone)$/,
"time"],[/^(boolean|uuid|time(\(\d\))? without time zone)$/,"plain"]],a=class{#e=[];#t=[];#o=new Map;#n;#i;static kinds(t,e){
let n=t.map(i=>{let{type:s="",collation:o}=e?.columns.find(u=>u.name===i)??{};return/^(text|name|character varying(\(\d+\))?)$/.
test(s)?o==="C"?"text":void 0:W.find(([u])=>u.test(s))?.[1]});return n.includes(void 0)?null:n}constructor(t,{key:e,kinds:n},i=1/0){
this.#i=i,this.#n=[...t,...e.map(o=>({column:o,descending:!1,nullsFirst:!1}))];let s=this.#n.map((o,c)=>({...o,by:n?B[n[c]]:
h}));this.compare=n&&((o,c)=>{for(let{column:u,descending:f,nullsFirst:d,by:U}of s){let[p,g]=[o[u]??null,c[u]??null];if(p===
g)continue;if(p===null||g===null)return p===null===d?-1:1;let y=U(p,g);if(y!==0)return f?-y:y}return 0})}isSamePlace(t,e){
return this.#n.every(({column:n})=>t[n]===e[n])}list(){return this.#t.slice(0,this.#i)}sorted(t){return new Map([...t].sort(
this.#r))}#r=([t,e],[n,i])=>this.compare?this.compare(e,i):this.#s(t)-this.#s(n);#s(t){return this.#o.get(t)??Number.MAX_SAFE_INTEGER}replace(t,e,n,i){
if(this.compare&&t===i&&this.#e.length>0&&n.length<=100)return n.forEach(c=>this.move(c,i)),n;let s=0;if(this.#o=new Map,
!this.compare)for(let c of e.keys())this.#o.set(c,s++);let o=[...t].sort(this.#r);return this.#e=o.map(([c])=>c),this.#t=
o.map(([,c])=>c),t===i?n:this.#u(i)}#u(t){let e=[],n=this.#e.slice(0,this.#i),i=new Set(n);for(let[s,o]of t)i.has(s)||e.
push({key:s,old:o,row:void 0});return n.forEach((s,o)=>{let c=t.get(s);c!==this.#t[o]&&e.push({key:s,old:c,row:this.#t[o]})}),
e.forEach(s=>l(t,s)),e}move(t,e){let{key:n,old:i,row:s}=t,o=this.#i,c=i?this.#l(n,i):-1;if(c>=0&&s&&(!this.compare||this.
compare(i,s)===0))return this.#t[c]=s,c<o?[l(e,t)]:[];c>=0&&this.#f(c,1);let u=s?this.#a(n,s):-1;if(s&&this.#f(u,0,n,s),
o===1/0)return[t];let[f,d]=[c>=0&&c<o,u>=0&&u<o];return f&&d?[l(e,t)]:f?[l(e,{key:n,old:i,row:void 0}),...this.#c(o-1,e)]:
d?[...this.#h(o,e),l(e,{key:n,old:void 0,row:s})]:[]}#c(t,e){let[n,i]=[this.#e[t],this.#t[t]];return i?[l(e,{key:n,old:void 0,
row:i})]:[]}#h(t,e){let[n,i]=[this.#e[t],this.#t[t]];return i?[l(e,{key:n,old:i,row:void 0})]:[]}#f(t,e,...[n,i]){i===void 0?
(this.#e.splice(t,e),this.#t.splice(t,e)):(this.#e.splice(t,e,n),this.#t.splice(t,e,i))}#l(t,e){if(this.compare){let n=this.#d(
e,0);if(this.#e[n]===t)return n}return this.#e.indexOf(t)}#a(t,e){if(this.compare)return this.#d(e,1);let n=this.#s(t),i=this.#e.
findIndex(s=>this.#s(s)>n);return i<0?this.#e.length:i}#d(t,e){let n=this.compare,[i,s]=[0,this.#t.length];if(s>0&&n(this.#t[s-
1],t)<0)return s;for(;i<s;){let o=i+s>>>1;n(this.#t[o],t)<e?i=o+1:s=o}return i}};function l(r,t){return t.row?r.set(t.key,
t.row):r.delete(t.key),t}var B={number:K,text:H,time:J,plain:h};function h(r,t){return r<t?-1:r>t?1:0}function K(r,t){if(typeof r==
"number"&&typeof t=="number")return h(r,t);let e=(O[r]??0)-(O[t]??0);if(e!==0||r in O)return e;let[n,i]=[Number(r),Number(
t)];if(n!==i)return h(n,i);let[s,o]=[j(String(r)),j(String(t))],c=s.scale>o.scale?s.scale:o.scale;return h(s.digits*10n**
(c-s.scale),o.digits*10n**(c-o.scale))}var O={"-Infinity":-1,Infinity:1,NaN:2};function j(r){let[,t="",e="0",n="",i="0"]=/^(-?)(\d+)(?:\.(\d+))?(?:e\+?(-?\d+))?$/i.
exec(r)??[],s=BigInt(n.length)-BigInt(i),o=BigInt(t+e+n);return s<0n?{digits:o*10n**-s,scale:0n}:{digits:o,scale:s}}function H(r,t){
if(!/[\ud800-\uffff]/.test(r)||!/[\ud800-\uffff]/.test(t))return h(r,t);let e=0;for(;e<r.length&&e<t.length&&r[e]===t[e];)
e++;return I(r.charCodeAt(e))-I(t.charCodeAt(e))}function I(r){return Number.isNaN(r)?-1:r>=57344?r-2048:r>=55296?r+8192:
r}function J(r,t){let e=/^\d{4}-.*[^C]$/;if(e.test(r)&&e.test(t))return h(r,t);let[n,i]=[M(r),M(t)];return h(n[0],i[0])||
h(n[1],i[1])}function M(r){if(r.endsWith("infinity"))return[r[0]==="-"?-1/0:1/0,""];let[,t,e,n]=/^(\d+)(.*?)( BC)?$/.exec(
r);return[n?-Number(t):Number(t),e]}function S(r){return[...new Set(r)].sort()}var L=["select","order","limit","offset"];function T(r={}){return Object.entries(r).flatMap(([t,e])=>[e].flat().map(n=>[
t,G(n)])).sort(([t,e],[n,i])=>t<n||t===n&&e<i?-1:1)}function G(r){return typeof r=="string"?r:r===null?"is.null":`eq.${r}`}
function k(r=[]){return P(r).map(([,t,e,n])=>F(t)??e+n)}function q(r=[]){return P(r).map(([,t,e,n])=>{let i=n.startsWith(
".desc"),s=n.endsWith(".nullsfirst")||i&&!n.endsWith(".nullslast");return{column:F(t)??e,descending:i,nullsFirst:s}})}function P(r){
return[...[r].flat().join().matchAll(/(?:"((?:[^"\\]|\\.)*)"|([^,.]*))([^,]*)(?:,|$)/g)].filter(([e])=>e)}function F(r){
return r?.replace(/\\(.)/g,"$1")}function z(r){return/[",.()\\]/.test(r)||L.includes(r)?`"${r.replace(/["\\]/g,"\\$&")}"`:
r}function w(r,t,e=""){let n=Object.entries(t).filter(([,i])=>i!==void 0&&i!=="");return[...r.map(([i,s])=>[z(i),s]),...n].
map(([i,s])=>`${encodeURIComponent(e+i)}=${encodeURIComponent(s)}`).join("&")}function b(r){return r.map(z).join()}function _(r,t,e){
let n=`v${V(JSON.stringify([r,t,e]))}`,i=w(t,{select:e},`${n}.`);return{stream:n,term:`table=${n}:${encodeURIComponent(r)}\
&${i}`}}function V(r){return[2166136261,16777619].map(t=>{for(let e=0;e<r.length;e++)t=Math.imul(t^r.charCodeAt(e),16777619);
return t=Math.imul(t^t>>>16,2246822507),((t^t>>>13)>>>0).toString(36).padStart(7,"0")}).join("")}var X=50,E=class{whole=!0;#e;#t=null;#o=null;#n;#i;#r=[];#s;#u;constructor(t){let{where:e,select:n,order:i,limit:s}=t.options;
this.#n=t,this.#i=T(e),this.#s=q(i),n!==void 0&&(this.#r=S([...k(n),...this.#s.map(({column:u})=>u)])),this.#u={order:i&&
[i].flat().join(),limit:s};let o={};for(let[u,f]of this.#i)(o[u]??=[]).push(f);let c=this.#r.length>0?b(this.#r):void 0;
t.spec=JSON.stringify({...JSON.parse(t.spec),where:o,select:c,...this.#u}),this.narrows&&Object.assign(t,_(t.stream,this.#i,
c??""))}get narrows(){return this.#i.length+this.#r.length>0}get#c(){return this.#u.limit??1/0}get#h(){return Math.min(this.#c,
X)}get needsKey(){return this.#r.length>0}get isSorted(){return this.#s.length>0||this.#c<1/0}get size(){return this.#c+
this.#h}query(t,e){let n=(e??[]).map((c,u)=>[t[u],`eq.${c}`]),i=this.needsKey?b(S([...this.#r,...t])):"",{order:s,limit:o}=this.#u;
return`?${w([...this.#i,...n],{select:i,order:s,limit:o&&this.size})}`}kinds(t,e){return a.kinds([...this.#s.map(({column:n})=>n),
...t],e)}project(t){if(this.#r.length===0)return t;let e=[...this.#r,...this.#n.keyColumns];return Object.fromEntries(Object.
entries(t).filter(([n])=>e.includes(n)))}async leavesOut({key:t,txid:e},n){let i=this.#n;try{let{body:s,cursor:o}=await i.
request(this.query(i.keyColumns,i.parts(t)),n),c=C(o);return c!==null&&R(c,String(e))&&m(s[0],i.serverRow(t))}catch{return!1}}aside(t,e,n){
let i=t.filter(({key:s})=>s!==e&&s!==n);return i.filter(({key:s})=>i.filter(o=>o.key===s).length===1)}list(){return this.#t?.
list()}sorted(t){return this.#t?this.#t.sorted(t):t}#f(t){return this.whole||(this.#t?.compare?this.#e!==void 0&&this.#t.
compare(t,this.#e)<=0:void 0)}expected(t,e){return this.#f(t)??e?t:void 0}begin(t,e,n){if(this.whole=n,n||(this.#e=[...t.
values()].at(-1)),!this.isSorted||this.#t&&m(e,this.#o))return;let i=this.#n;this.#o=e,this.#t=new a(this.#s,e,this.#c),
this.#c<1/0&&i.held===i.rows&&(i.held=new Map(i.rows))}merge(t,e,n){n&&this.expected(n,t.get(e))?t.set(e,n):t.delete(e),
n&&this.#t&&!this.#t.compare&&(this.#n.incomplete=!0)}end(t,e){let{held:n,rows:i}=this.#n;return this.#l(),this.#t?this.#t.
replace(n,t,e,i):e}#l(){!this.whole&&this.#n.serverCount()<this.#c&&(this.#n.incomplete=!0)}take(t,e,n){let i=this.#n,s=this.#t;
if(!s)return i.set(t,n);let o=i.serverRow(t);!s.compare&&n&&!(o&&e&&s.isSamePlace(e,n))&&(i.incomplete=!0);let c=i.set(t,
n&&this.expected(n,o));return this.#l(),i.serverCount()>this.#c+2*this.#h&&s.compare&&c.push(...this.#a()),c}#a(){let t=[
...this.#n.serverRows()];return this.whole=!1,this.#e=t[this.size-1][1],t.slice(this.size).flatMap(([e])=>this.#n.set(e,
void 0))}move(t){return this.#t?this.#t.move(t,this.#n.rows):[t]}};export{x as Addition,E as Lens};
