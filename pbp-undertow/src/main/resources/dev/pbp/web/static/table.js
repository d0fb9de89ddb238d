// Made from client/page by client/build.js; not to be edited.
import{connect as oe}from"./pbp.js";var X=/[\p{Cc}\p{Cf}]/gu,tt=/[\t\n\r\u200c\u200d\u{e0000}-\u{e0fff}]/u;function w(n,t){let e=[...t.matchAll(X)].filter(([
o])=>!tt.test(o));if(e.length===0){(n.textContent!==t||n.firstElementChild)&&(n.textContent=t);return}let s=[],i=0;for(let{
0:o,index:r}of e){let a=document.createElement("span");a.className="control",a.textContent=et(o),s.push(t.slice(i,r),a),
i=r+o.length}n.replaceChildren(...s,t.slice(i))}function h(n){return String(n).replace(X,t=>tt.test(t)?t:et(t))}function et(n){
return`U+${n.codePointAt(0).toString(16).toUpperCase().padStart(4,"0")}`}function S(n,t){return`${b(n)} ${t}${n===1?"":"\
s"}`}function b(n){return String(n).replace(/\B(?=(\d{3})+$)/g,",")}var st=120,nt=4,Tt=60,It=/^(smallint|integer|bigint|numeric|real|double precision|money|oid)\b/,Dt=/^(timestamp|date|time)\b/,
qt=40;function ot(n){return n.endsWith("[]")||n==="json"||n==="jsonb"?"json":It.test(n)?"number":Dt.test(n)?"time":n==="\
boolean"?"boolean":n==="uuid"?"id":n==="bytea"?"bytes":"text"}function rt(n){return`cell is-${n}${n==="json"||n==="id"||
n==="bytes"?" mono":""}`}function at(n){return Number(/^numeric\(\d+,(\d+)\)/.exec(n)?.[1]??0)}function jt(n,t){let e=String(
n),s=e.includes(".")?e.length-e.indexOf(".")-1:0;return t<=s||!/^-?\d+(\.\d+)?$/.test(e)?e:`${e}${s===0?".":""}${"0".repeat(
t-s)}`}function ct(n,{kind:t,name:e,scale:s},i){let o=i==null?"null":i===""?"empty":"";n.classList.toggle("nothing",o!==
""),n.classList.remove("open"),o?n.textContent=o:t==="json"?it(n,i):t==="time"?Wt(n,String(i)):typeof i=="object"?it(n,i):
Jt(n,t==="number"?jt(i,s):String(i),e)}function Jt(n,t,e){let s=Pt(t);if(s===t){w(n,t);return}let i=document.createElement(
"span");i.className="text",w(i,`${s}…`);let o=document.createElement("button");o.type="button",o.className="more",o.textContent=
"more",o.title=`${b(t.length)} characters`,o.setAttribute("aria-expanded","false"),o.setAttribute("aria-label",`more of ${h(
e)}`),o.addEventListener("click",r=>{r.stopPropagation();let a=n.classList.toggle("open");w(i,a?t:`${s}…`),o.textContent=
a?"less":"more",o.setAttribute("aria-label",`${o.textContent} of ${h(e)}`),o.setAttribute("aria-expanded",String(a))}),n.
replaceChildren(i,o)}function Pt(n){let t=n.length<=st+20?n.length:st;/[\ud800-\udbff]/.test(n[t-1]??"")&&t<n.length&&t--;
let e=n.slice(0,t).split(`
`);return e.length>nt?e.slice(0,nt).join(`
`):n.slice(0,t)}function it(n,t){let e=JSON.stringify(t);if(typeof t!="object"||e.length<=Tt){w(n,e);return}let s=document.
createElement("details"),i=document.createElement("summary"),o=Array.isArray(t)?t.length:Object.keys(t).length,[r,a]=Array.
isArray(t)?"[]":"{}";w(i,`${r}${e.slice(1,32)}…${a} ${b(o)}`),s.append(i),s.addEventListener("toggle",()=>{if(s.children.
length>1)return;let l=document.createElement("pre");l.tabIndex=0,w(l,JSON.stringify(t,null,2)),s.append(l)}),n.replaceChildren(
s)}function Wt(n,t){n.title=t;let[,e,s=""]=/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?[+-]\d\d(?::\d\d)*$/.exec(t)??[],i=new Date(
t);if(!e||Number.isNaN(+i)){w(n,t.replace(/^(\d{4}-\d\d-\d\d)T/,"$1 "));return}let o=document.createElement("time");o.dateTime=
t;let r=new Date(+i-i.getTimezoneOffset()*6e4).toJSON(),a=document.createElement("small");a.textContent=s,o.append(`${r.
slice(0,10)} ${r.slice(11,19)}`,a),n.replaceChildren(o)}function lt({name:n,type:t},e,s){let i=Math.max(Math.min(n.length,
18)*.9,Math.min(t.length,24)*.72);if(e==="id")return Math.max(i,36);let o=s.map(a=>Rt(a,e)).sort((a,l)=>a-l),r=o[Math.floor(
o.length*.95)]??0;return Math.ceil(Math.max(4,i,Math.min(r*(e==="json"?.9:1),qt)))}function Rt(n,t){if(n==null)return 4;
if(t==="time")return String(n).replace(/(T.*)[+-]\d\d:?\d*$/,"$1").length;let e=typeof n=="object"?JSON.stringify(n):String(
n);return Math.max(...e.slice(0,400).split(`
`).map(s=>s.length))}var z=[{operator:"eq.",words:"=",valued:!0},{operator:"neq.",words:"≠",valued:!0},{operator:"gt.",words:">",valued:!0},
{operator:"gte.",words:"≥",valued:!0},{operator:"lt.",words:"<",valued:!0},{operator:"lte.",words:"≤",valued:!0},{operator:"\
ilike.",words:"contains",valued:!0,kinds:["text"]},{operator:"in.",words:"is one of",valued:!0},{operator:"is.null",words:"\
is null",valued:!1},{operator:"is.not_null",words:"is not null",valued:!1},{operator:"is.true",words:"is true",valued:!1,
kinds:["boolean"]},{operator:"is.false",words:"is false",valued:!1,kinds:["boolean"]}];function Ut(n){return n==="json"?
z.filter(({operator:t})=>t.endsWith("null")):z.filter(({kinds:t,valued:e})=>t?t.includes(n):!(n==="boolean"&&e))}function zt(n,t){
return n==="ilike."?`ilike.*${t.replace(/[%_\\]/g,"\\$&")}*`:n==="in."?`in.(${t.split(",").map(e=>_t(e.trim())).join(",")}\
)`:n+(n.startsWith("is.")?"":t)}function _t(n){return/[",()\\]/.test(n)||n===""?`"${n.replace(/["\\]/g,"\\$&")}"`:n}function Bt({
column:n,condition:t}){let e=/^ilike\.\*([^*]+)\*$/s.exec(t),s=z.find(({operator:o,valued:r})=>r?t.startsWith(o):t===o);
if(e)return h(`${n} contains ${e[1].replace(/\\(.)/gs,"$1")}`);if(!s||s.operator==="ilike.")return h(`${n} ${t}`);let i=t.
slice(s.operator.length);return s.operator==="in."?h(`${n} is one of ${i.slice(1,-1)}`):h(`${n} ${s.words} ${s.valued&&i===
""?"(empty)":i}`.trimEnd())}var u=n=>document.getElementById(n),I=class{#i;#e;#t=[];constructor(t,e){this.#i=t,this.#e=e;
let[s,i]=[u("condition-column"),u("condition-operator")];s.append(...t.map(({name:o},r)=>new Option(h(o),String(r)))),s.
addEventListener("change",()=>this.#n()),i.addEventListener("change",()=>this.#s()),u("filter").addEventListener("click",
()=>this.open(u("conditions").hidden)),u("condition").addEventListener("submit",o=>{o.preventDefault(),this.#o()}),u("co\
nditions").addEventListener("keydown",o=>{o.key==="Escape"&&(this.open(!1),u("filter").focus())}),this.#n()}open(t){u("c\
onditions").hidden=!t,u("filter").setAttribute("aria-expanded",String(t)),t&&u("condition-column").focus()}#n(){let{kind:t}=this.#i[u(
"condition-column").value];u("condition-operator").replaceChildren(...Ut(t).map(({operator:e,words:s})=>new Option(s,e))),
this.#s()}#s(){let t=u("condition-operator").value,e=u("condition-value");e.hidden=t.startsWith("is."),e.placeholder=t===
"in."?"value, value":"value"}#o(){let{name:t}=this.#i[u("condition-column").value],e=zt(u("condition-operator").value,u(
"condition-value").value);u("condition-value").value="",this.#e([...this.#t.filter(s=>s.column!==t||s.condition!==e),{column:t,
condition:e}])}show(t){this.#t=t;let e=u("filter");t.length>0?e.dataset.count=String(t.length):delete e.dataset.count;let s=u(
"chips");s.hidden=t.length===0,s.replaceChildren(...t.map(i=>this.#r(i))),t.length>0&&u("conditions").hidden&&(u("condit\
ions").hidden=!1,e.setAttribute("aria-expanded","true"))}#r(t){let e=document.createElement("li"),s=document.createElement(
"span");s.dir="auto",s.textContent=Bt(t);let i=document.createElement("button");return i.type="button",i.textContent="✕",
i.setAttribute("aria-label",`Remove the filter ${s.textContent}`),i.addEventListener("click",()=>{this.#e(this.#t.filter(
o=>o!==t)),u("filter").focus()}),e.append(s,i),e}};var A=class{#i;#e=document.createElement("div");#t=document.createElement("form");#n=document.createElement("p");#s;#o;constructor(t,e,s,i,{
save:o,cancel:r}){this.#i=t,this.#o=s,this.#t.className="editor fields",this.#t.autocomplete="off",this.#t.noValidate=!0,
this.#t.setAttribute("aria-label",s?`Edit ${i}`:"New row"),this.#s=e.map((c,d)=>new _(c,s?.[c.name],s===null,`field-${i}\
-${d}`));let a=document.createElement("div");a.append(...this.#s.map(({element:c})=>c)),this.#n.className="meanwhile",this.#n.
setAttribute("role","status"),this.#n.hidden=!0;let l=document.createElement("div");l.className="buttons",l.append(dt(s?
"Save":"Add row","primary","submit"),dt("Cancel","cancel","button",r)),this.#t.append(a,this.#n,l),this.#e.className="ed\
itor-cell",s&&this.#e.setAttribute("role","gridcell"),this.#e.append(this.#t),this.#t.addEventListener("submit",c=>{c.preventDefault();
let d=this.#s.filter(g=>!g.check());d.length>0?d[0].focus():o(Object.fromEntries(this.#s.filter(({changed:g})=>g).map(g=>[
g.name,g.value])),this.#o)}),this.#t.addEventListener("keydown",c=>{let{key:d,target:g,shiftKey:k,isComposing:$}=c;d==="\
Escape"?(c.stopPropagation(),r()):d==="Enter"&&g.matches("textarea")&&!k&&!$&&(c.preventDefault(),this.#t.requestSubmit())}),
t.classList.add("editing"),t.append(this.#e)}focus(t){(this.#s.find(({name:e})=>e===t)??this.#s[0]).focus()}fill(t){for(let e of this.#s)
e.name in t&&e.type(t[e.name])}refuse(t,e){let s=this.#s.find(({name:i})=>i===e);s?s.complain(t):this.say(t)}say(t){this.#n.
textContent=h(t),this.#n.hidden=!1}get changed(){return this.#s.some(({changed:t})=>t)}meanwhile(t){let e=this.#s.filter(
({name:s})=>JSON.stringify(t[s])!==JSON.stringify(this.#o?.[s]));this.#o=t,e.length!==0&&(e.forEach(s=>s.became(t[s.name])),
this.say(`Meanwhile it has become: ${e.map(({name:s})=>`${s} ${Vt(t[s])}`).join(", ")}`))}gone(){this.say("Somebody has \
deleted this row meanwhile.")}close(){this.#e.remove(),this.#i.classList.remove("editing")}},_=class{element=document.createElement(
"div");name;#i;#e;#t;#n=document.createElement("p");#s;#o;#r=!1;constructor({name:t,type:e,kind:s},i,o,r){this.name=t,this.#i=
s,this.#o=o,this.element.className="field";let a=document.createElement("label");a.htmlFor=r;let l=document.createElement(
"bdi");l.textContent=h(t);let c=document.createElement("small");c.textContent=h(e),a.append(l," ",c),this.#e=s==="boolea\
n"?Ht(o):document.createElement("textarea"),this.#e.id=r,this.#e.dir="auto",s!=="boolean"&&(this.#e.rows=1),s==="number"&&
(this.#e.inputMode="decimal");let d=document.createElement("label");d.className="null",this.#t=document.createElement("i\
nput"),this.#t.type="checkbox",this.#t.setAttribute("aria-label",`${h(t)}: null`),d.append(this.#t,"null"),this.#n.className=
"wrong",this.#n.id=`${r}-wrong`,this.#n.hidden=!0,this.element.append(a,this.#e,d,this.#n),this.#d(o?void 0:i),this.#e.addEventListener(
"input",()=>{this.#r=!0,this.#t.checked=!1,this.#a()}),this.#t.addEventListener("change",()=>{this.#r=!0,this.#t.checked&&
(this.#e.value=""),this.#a()})}#d(t){this.#t.checked=t===null,this.#e.value=t==null?"":ht(t,this.#i),this.#s=JSON.stringify(
[this.#t.checked,this.#e.value]),this.#a()}#a(){this.#e.placeholder=this.#t.checked?"null":this.#o&&!this.#r?"default":""}get changed(){
return JSON.stringify([this.#t.checked,this.#e.value])!==this.#s||this.#o&&this.#r}get value(){let t=this.#e.value;return this.#t.
checked?null:this.#i==="boolean"?t===""?null:t==="true":this.#i==="json"?JSON.parse(t):this.#i==="number"&&t.trim()!==""&&
String(Number(t))===t.trim()?Number(t):t}check(){if(this.complain(""),!this.changed||this.#t.checked||this.#i!=="json")return!0;
try{return JSON.parse(this.#e.value),!0}catch(t){return this.complain(`This is not JSON: ${t.message}`),!1}}complain(t){
this.#n.textContent=h(t),this.#n.hidden=t==="",this.#e.setAttribute("aria-invalid",String(t!=="")),t&&this.#e.setAttribute(
"aria-describedby",this.#n.id)}type(t){this.#t.checked=t===null,this.#e.value=t===null?"":ht(t,this.#i),this.#r=!0,this.#a()}became(t){
this.changed||this.#d(t)}focus(){this.#e.focus(),this.#e.select?.()}};function Ht(n){let t=document.createElement("selec\
t");return t.append(new Option(n?"default":"",""),new Option("true","true"),new Option("false","false")),t}function ht(n,t){
return t==="json"||typeof n=="object"?JSON.stringify(n):String(n)}function Vt(n){let t=n===null?"null":typeof n=="object"?
JSON.stringify(n):String(n);return t.length>60?`${t.slice(0,60)}…`:t}function dt(n,t,e,s=()=>{}){let i=document.createElement(
"button");return i.type=e,i.className=`${t} small`,i.textContent=n,i.addEventListener("click",s),i}var D=class{#i;#e;#t=new Set;constructor(t,e){this.#i=t,this.#e=e}append(t){let e=[];for(let s=0;s<t.length;s+=20){let i=this.#n();
i.append(...t.slice(s,s+20)),this.#t.add(i),e.push(i)}this.#i.append(...e)}place(t,e){let s=e?.parentElement??this.#i.lastElementChild,
i=s&&e===s.firstElementChild&&s.childElementCount>=20;if(!s||i){let o=this.#n();o.append(t),this.#i.insertBefore(o,s)}else
s.insertBefore(t,e??null);this.touch(t)}touch(t){this.#t.add(t.parentElement)}remove(t){let e=t.parentElement;t.remove(),
this.#t.add(e),e.hasChildNodes()||e.remove()}settle(t=!1){let e=t?[...this.#i.children]:[...this.#t];this.#t.clear();for(let s of e){
for(;s.children.length>40;){let i=this.#n();i.append(...[...s.children].slice(-20)),s.after(i),this.#s(i)}this.#s(s)}}#n(){
let t=document.createElement("div");return t.className="block",t.setAttribute("role","rowgroup"),t}#s(t){let e=[...t.children].
filter(({hidden:s})=>!s).length;t.hidden=e===0,t.style.containIntrinsicBlockSize=`auto ${e*this.#e}rem`}};var Kt=100,Zt=7e3,ut={ArrowDown:1,ArrowUp:-1,PageDown:10,PageUp:-10,Home:-1/0,End:1/0},q=class extends EventTarget{order=[];elements=new Map;leaving=new Map;live=null;rows=new Map;ready=!1;#i="";#e;#t;#n;#s;#o;#r;#d=new AbortController;#a=new Map;#u=[];#f=!1;#l=!1;#b=!1;#c=null;#m=null;#O=document.
getElementById("actions-template").content.firstElementChild;constructor(t,e,s,i,o){super(),this.#t=t,this.#e=e,this.#s=
s,this.#o=i,this.#r=o,this.#n=new D(e,s.height);for(let r of e.querySelectorAll(".row"))this.elements.set(ft(r.dataset.key),
r);this.order=[...this.elements.keys()],this.#j()}attach(t,e,s,i=t.ready){this.#d.abort(),this.#d=new AbortController;let{
signal:o}=this.#d;this.live=t,this.rows=s,this.#i=e,this.ready=this.#l=!1,this.#a=new Map,this.#t.setAttribute("aria-bus\
y","true"),t.addEventListener("transaction",({detail:r})=>this.#C(r),{signal:o}),t.addEventListener("write",({detail:r})=>{
r.table===e&&(this.#a.has(r.key)||this.#a.set(r.key,r.stage==="saved"?"saved":"mark"),this.request())},{signal:o}),i.then(
()=>{if(!o.aborted){this.ready=!0;for(let r of s.keys())this.#a.has(r)||this.#a.set(r,"insert");this.#t.setAttribute("ar\
ia-busy","false"),this.request()}})}get unsent(){return(this.live?.writing??0)+this.leaving.size}get current(){return this.#c}get editing(){
return[...this.elements.values()].some(({editor:t})=>t?.changed)}#C({changes:t}){for(let{table:e,op:s,key:i,was:o}of t)e===
this.#i&&(o!==void 0&&this.#M(o,i),this.#a.set(i,this.#a.get(i)==="insert"&&s==="update"?"insert":s));this.request()}request(){
this.#b||(this.#b=!0,requestAnimationFrame(()=>this.#k()))}#k(){this.#b=!1;let t=this.#a;this.#a=new Map,this.ready&&!this.#l&&
this.order.filter(s=>!this.rows.has(s)).forEach(s=>this.#w(s));let e=[];for(let[s,i]of t){let o=this.rows.get(s);o?(this.
elements.has(s)||(this.elements.set(s,this.#s.template.cloneNode(!0)),e.push(s)),this.#A(s,o,i)):this.#w(s)}if(this.#T(e),
this.#n.settle(!this.#l),this.#l){let s=[...t].filter(([i,o])=>o!=="mark"&&!this.live.pending(this.#i,i));this.#D(s.map(
([i])=>i).filter(i=>this.elements.has(i))),this.#o.changes(s,([i,o])=>this.#L(i,o))}this.#l=this.ready,this.#p()}#L(t,e){
let s=this.rows.get(t),i=this.#s.name(t),o={insert:"added",update:"changed",saved:"saved"}[e];return s?`${M(i)} ${o}: ${this.#s.
tells(s)}.`:`${M(i)} deleted.`}#A(t,e,s){let i=this.elements.get(t);i.dataset.key=i.key=t,i.classList.toggle("pending",this.
live.pending(this.#i,t)),this.#s.draw(i,e,t),this.#N(i,t),s!=="mark"&&i.editor?.meanwhile(e),this.#g(i,t)}#g(t,e){let s=this.
leaving.has(e)||!t.editor&&this.#s.hides(t);t.hidden!==s&&(t.hidden=s,t.isConnected&&this.#n.touch(t))}#w(t){let e=this.
elements.get(t);if(!e)return;if(e.editor){e.editor.gone();return}this.leaving.get(t)?.undo();let s=this.order.indexOf(t);
this.#c===t&&this.#S(t,e.contains(document.activeElement)),this.order.splice(s,1),this.elements.delete(t),this.#m===e&&(this.#m=
null),this.#n.remove(e)}#S(t,e){let s=this.#v(),i=s.indexOf(t);this.#h(s[i+1]??s[i-1]??null,e),e&&this.#c===null&&this.#s.
left()}#M(t,e){let s=this.elements.get(t);if(this.#a.delete(t),!s)return;this.#w(e),this.elements.delete(t),this.elements.
set(e,s),s.dataset.key=s.key=e;let i=this.order.indexOf(t);this.order[i]=e,this.#s.arrange?.(),this.#y();let o=this.order.
indexOf(e);o!==i&&(this.#n.remove(s),this.#n.place(s,this.elements.get(this.order[o+1])),this.#n.settle()),this.#c===t&&
(this.#c=e)}#y(){this.order.sort((t,e)=>this.#s.compare(t,e))}#T(t){this.#s.arrange?.();let e=new Set(t),s=document.activeElement;
if(this.#s.sorts){let i=new Map(this.order.map((r,a)=>[r,a]));this.order=this.order.concat(t),this.#y();let o=Ft(this.order.
map(r=>i.get(r)??-1));for(let r of this.order)!i.has(r)||o.has(i.get(r))||(e.add(r),this.#n.remove(this.elements.get(r)))}else
t.length>0&&(this.order=this.order.concat(t),this.#y());if(e.size>0){let i=this.order.slice(this.order.length-e.size);i.
every(o=>e.has(o))?this.#n.append(i.map(o=>this.elements.get(o))):this.#I(e),this.#e.contains(s)&&document.activeElement!==
s&&s.focus()}this.#c===null&&this.#h(this.#x(),!1)}#I(t){let e;for(let s=this.order.length-1;s>=0;s--){let i=this.elements.
get(this.order[s]);t.has(this.order[s])&&this.#n.place(i,e),e=i}}#D(t){t.length!==0&&(this.#u.forEach(e=>e.classList.remove(
"recent","flash-a","flash-b")),this.#u=t.length>Kt?[]:t.map(e=>this.elements.get(e)),this.#f=!this.#f,this.#u.forEach(e=>e.
classList.add("recent",this.#f?"flash-a":"flash-b")))}#p(){if(!this.#l)return;let t=this.rows.size-this.leaving.size,e=this.#s.
filtered()?this.#v().length:t;this.#e.hidden=this.#x()===null,this.#t.setAttribute("aria-rowcount",String(t+1)),this.#s.
counted(e)}filter(){this.elements.forEach((t,e)=>this.#g(t,e)),this.#n.settle(!0),this.#p(),(this.#c===null||this.elements.
get(this.#c)?.hidden)&&this.#h(this.#x(),!1)}redraw(){for(let t of this.elements.keys())this.#a.set(t,"mark");this.request()}edit(t,e={}){
let s=this.elements.get(t),i=this.rows.get(t);!s||!i||s.editor||!this.#s.writable()||(this.#h(t,!1),s.editor=this.#s.editor(
s,t,i,()=>this.#q(t,s),e))}#q(t,e){e.editor?.close(),e.editor=void 0,this.rows.has(t)?(e.focus(),this.request()):(this.#w(
t),this.#p())}erase(t){let e=this.elements.get(t);if(!this.rows.has(t)||this.leaving.has(t)||e.editor||!this.#s.writable())
return;let s=this.#s.name(t),i=this.live,o=this.rows.get(t),[r,a]=[this.#i,e.contains(document.activeElement)],l=()=>{clearTimeout(
k),this.leaving.delete(t),g.remove(),this.dispatchEvent(new Event("unsent"))},c=()=>{i.table(r).has(t)&&i.delete(r,t,{expect:o}).
catch($=>this.#r(`${M(s)} was not deleted: ${$.message}`)),l()},d=()=>{l(),this.elements.has(t)&&(this.#g(e,t),this.#n.settle(),
this.#p(),this.#h(t,!0))};this.#c===t&&this.#S(t,a);let g=this.#r(`${M(s)} deleted.`,{action:"Undo",act:d,dismiss:c}),k=setTimeout(
c,Zt);this.leaving.set(t,{send:c,undo:d}),this.#g(e,t),this.#n.settle(),this.#p(),this.#o.say(`${M(s)} deleted. Control \
and Z brings it back.`),this.dispatchEvent(new Event("unsent"))}undo(){let t=[...this.leaving.values()].at(-1);return t?.
undo(),!!t}flush(){for(let{send:t}of[...this.leaving.values()])t()}#N(t,e){for(let[s,i]of[["Edit",B(t)[0]],["Delete",B(t)[1]]])
i?.setAttribute("aria-label",`${s} ${this.#s.name(e)}`)}#E(t){t&&(t.tabIndex=t===this.elements.get(this.#c)?0:-1,t.tabIndex<
0&&t!==this.#m?t.querySelector(".actions")?.remove():this.#s.writable()&&!t.querySelector(".actions")&&(t.append(this.#O.
cloneNode(!0)),this.#N(t,N(t))),B(t).forEach(e=>e.tabIndex=t.tabIndex))}#h(t,e){let[s,i]=[this.#c,t].map(o=>this.elements.
get(o));this.#c=t,this.#E(i),e&&i?.focus(),this.#E(s)}#$(t){let e=this.#m;this.#m=t,[e,t].forEach(s=>this.#E(s))}#v(){return this.
order.filter(t=>!this.elements.get(t).hidden)}#x(){return this.order.find(t=>!this.elements.get(t).hidden)??null}#j(){let t=this.#e;
t.addEventListener("click",({target:e})=>{let s=N(e);s!==null&&(s!==this.#c&&this.#h(s,!1),e.matches(".actions .edit")&&
this.edit(s),e.matches(".actions .delete")&&this.erase(s))}),t.addEventListener("pointerover",({target:e,pointerType:s})=>{
s!=="touch"&&this.#$(e.closest(".row"))}),t.addEventListener("pointerleave",()=>this.#$(null)),t.addEventListener("focus\
in",({target:e})=>{let s=N(e);s!==null&&s!==this.#c&&this.#h(s,!1)}),t.addEventListener("keydown",e=>this.#J(e)),document.
addEventListener("keydown",e=>{let{target:s,key:i,ctrlKey:o,metaKey:r,shiftKey:a}=e;i!=="z"||!(o||r)||a||s.matches("inpu\
t, textarea, select")||this.undo()&&e.preventDefault()}),this.#$(t.querySelector(".row:hover")),this.#h(N(document.activeElement),
!1)}#J(t){let{target:e}=t,s=N(e);if(s===null||e.closest(".editor"))return;let i=e.matches(".row");if(t.key in ut){let o=this.#v(),
r=Math.min(o.length-1,Math.max(0,o.indexOf(s)+ut[t.key]));this.#h(o[r],!0)}else if(t.key==="Enter"&&i||t.key==="F2")this.
edit(s);else if(t.key==="Delete")this.erase(s);else if(t.key==="Escape")this.elements.get(s).focus();else return;t.preventDefault()}};
function B(n){return n.querySelectorAll(".actions button")}function Ft(n){let t=[],e=[],s=[];n.forEach((o,r)=>{if(o<0)return;
let a=t.length;if(a>0&&t[a-1]>=o){a=0;for(let l=t.length;a<l;){let c=a+l>>1;t[c]<o?a=c+1:l=c}}t[a]=o,e[a]=r,s[r]=e[a-1]});
let i=new Set;for(let o=e.at(-1);o!==void 0;o=s[o])i.add(n[o]);return i}function N(n){let t=n.closest("#rows .row");return t===
null?null:t.key??ft(t.dataset.key)}function ft(n){return Number.isSafeInteger(Number(n))?Number(n):n}function M(n){return n[0].
toUpperCase()+n.slice(1)}function mt(n,t,e,s,i=""){let o=e===s?S(s,"row"):`${b(e)} of ${S(s,"row")}`;n.textContent=o+i,document.
title=s===0?t:`${h(t)} – ${S(s,"row")}${i}`}var T=60,H=20,pt=700,Gt=1e3,Yt=3,V={reading:"Reading the table",connecting:"Connecting",waiting:"Offline",paused:"Paused",
closed:"Closed"},Qt={socket:"WebSocket",stream:"event stream",poll:"long poll"},y=n=>document.getElementById(n),j=class{#i;#e;#t=0;#n=0;#s=null;#o=null;#r=null;#d=ee(
t=>{this.#r=t,this.show()});constructor(t){this.#e=t,y("retry").addEventListener("click",()=>Xt(this.#i))}attach(t){this.#i=
t,t.addEventListener("state",()=>this.show()),t.addEventListener("write",()=>this.show()),this.show()}show(){let{state:t}=this.#i,
{phase:e}=t;e==="live"?(this.#o!=="live"&&this.#d(),this.#s=null):this.#s??=this.#o==="live"?new Date:null,this.#o=e,clearTimeout(
this.#t);let s=()=>this.#a();y("state").dataset.phase!==e&&e!=="live"&&e!=="closed"?this.#t=setTimeout(s,pt):s()}#a(){let{
state:t}=this.#i,{phase:e,staleSince:s=null}=t,i=e==="live"&&s;y("state").dataset.phase=i?"stale":e,y("state").title=t.error??
"",Z(y("state-text"),i?`Live, but the database has been away since ${gt(new Date(s))}`:this.#u(e)),this.#f(e),this.#l(t)}#u(t){
return t==="live"?"Live":t==="closed"?V.closed:this.#s?`${V[t]} since ${gt(this.#s)}`:t==="waiting"?"Not connected":V[t]}#f(t){
let e=()=>Z(y("unsent"),this.#e()>0?`${S(this.#e(),"edit")} not sent yet`:"");clearTimeout(this.#n),t==="live"&&this.#e()>
0?this.#n=setTimeout(e,pt):e()}#l(t){let{phase:e,transport:s,role:i,shared:o=i==="follower",retryAt:r=null}=t,a=y("way"),
l=this.#r===null?"":`${this.#r<10?this.#r.toFixed(1):Math.round(this.#r)} ms`;if(y("retry").hidden=e!=="waiting",a.title=
"",e==="live")a.textContent=[Qt[s],o?"shared with other tabs":"",l].filter(Boolean).join(" · "),a.title="The time is th\
at of a small request, there and back.";else if(e==="waiting"&&r!==null){let c=Math.max(0,Math.ceil((r-Date.now())/1e3));
a.textContent=c===0?"Trying again":`Next attempt in ${c} s`,clearTimeout(this.#t),this.#t=setTimeout(()=>this.#l(this.#i.
state),1e3)}else a.textContent=e==="waiting"?"Trying again soon":" "}};function Xt(n){n.retry?n.retry():window.dispatchEvent(
new Event("online"))}function Z(n,t){n.textContent!==t&&(n.textContent=t)}function te(n){return wt(n).slice(11,19)}function K(n){
return wt(n).slice(0,10)}function gt(n){return`${K(n)===K(new Date)?"":`${K(n)} `}${te(n).slice(0,5)}`}function wt(n){return new Date(
n-n.getTimezoneOffset()*6e4).toJSON()??""}function ee(n){return new PerformanceObserver(e=>{let i=e.getEntries().filter(({initiatorType:o,responseStart:r})=>o==="\
fetch"&&r>0).at(-1);i&&n(i.responseStart-i.requestStart)}).observe({type:"resource"}),()=>fetch(new URL("../healthz",import.meta.
url),{method:"HEAD",cache:"no-store"}).catch(()=>n(null))}function W(n,{action:t="",act:e=()=>{},dismiss:s=()=>{}}={}){let o=y(
"notice-template").content.firstElementChild.cloneNode(!0),r=y("notices"),[a,l]=o.querySelectorAll("button");for(o.querySelector(
"p").textContent=h(n),o.classList.toggle("bad",t===""),a.hidden=t==="",a.textContent=t,a.addEventListener("click",e),l.addEventListener(
"click",()=>{o.remove(),s()});r.children.length>=Yt;)r.firstElementChild.querySelector(".dismiss").click();return r.append(
o),o}var J=class{#i;#e=[];#t=0;constructor(t){this.#i=t}say(t){this.#e.push(t),this.#t||=setTimeout(()=>{this.#t=0;let e=this.#e.
slice(0,3),s=this.#e.length-e.length;this.#e=[],this.#i.textContent=e.join(" ")+(s>0?` And ${S(s,"more change")}.`:"")},
Gt)}changes(t,e){t.length>3?this.say(`${b(t.length)} rows changed.`):t.forEach(s=>this.say(e(s)))}},P=class{#i;#e;#t=new Array(
T+1).fill(0);#n=Math.floor(Date.now()/1e3);#s=this.#n;constructor(t,e){this.#i=t,this.#e=e,setInterval(()=>this.#r(),1e3)}count(t){
this.#o(),this.#t[T]+=t}#o(){let t=Math.floor(Date.now()/1e3);for(let e=Math.min(t-this.#s,T+1);e>0;e--)this.#t.shift(),
this.#t.push(0);this.#s=t}#r(){if(this.#o(),document.hidden)return;let t=Math.max(5,...this.#t),e=this.#t.map((o,r)=>`L${r}\
 ${(H*(1-o/t)).toFixed(1)}`);this.#i.setAttribute("d",`M0 ${H}${e.join("")}L${T} ${H}`);let s=this.#t.reduce((o,r)=>o+r),
i=s===0?"no changes":S(s,"change");Z(this.#e,`${i} ${this.#s-this.#n<T?"since you opened this page":"in the last minute"}`)}};var Et=new Set(["select","order","limit","offset"]),R=1e3,bt=5e4;function F(n,t){let e={where:[],order:[],limit:R,problems:[]},
s=i=>t.includes(i)||!e.problems.push(`This table has no column ${i}.`);for(let[i,o]of new URLSearchParams(n))if(i==="ord\
er")for(let r of ie(o)){let[,a,l,c]=/^(?:("(?:[^"\\]|\\.)*")|([^.]*))(.*)$/s.exec(r),d=a?yt(a):l;/^(\.asc|\.desc)?$/.test(
c)?s(d)&&e.order.push({column:d,descending:c===".desc"}):e.problems.push(`The order ${r} is not known: COLUMN, COLUMN.as\
c or COLUMN.desc.`)}else if(i==="limit")/^[1-9]\d{0,5}$/.test(o)&&Number(o)<=bt?e.limit=Number(o):e.problems.push(`The l\
imit ${o} is not a number from 1 to ${bt}.`);else if(Et.has(i))e.problems.push(`${i} is not known to this page.`);else{let r=i.
startsWith('"')?yt(i):i;s(r)&&e.where.push({column:r,condition:o})}return e}function $t({where:n,order:t,limit:e}){let s=new URLSearchParams(
n.map(({column:o,condition:r})=>[ne(o),r]));t.length>0&&s.set("order",se(t)),e!==R&&s.set("limit",String(e));let i=s.toString().
replaceAll("%2C",",").replaceAll("%28","(").replaceAll("%29",")");return i&&`?${i}`}function se(n){return n.map(({column:t,
descending:e})=>(/^[\w$]+$/.test(t)?t:`"${xt(t)}"`)+(e?".desc":"")).join(",")}function vt(n,t,e){let s=n.find(o=>o.column===
t),i=s?s.descending?[]:[{column:t,descending:!0}]:[{column:t,descending:!1}];return e?s?n.flatMap(o=>o===s?i:[o]):[...n,
...i]:i}function ne(n){return Et.has(n)||n.startsWith('"')?`"${xt(n)}"`:n}function xt(n){return n.replace(/["\\]/g,"\\$&")}
function yt(n){return n.replace(/^"|"$/g,"").replace(/\\(.)/gs,"$1")}function ie(n){return n.match(/(?:"(?:[^"\\]|\\.)*"|[^,"]|"(?=[^"]*$))+/gs)??
[]}var re=document.title,ae=200,St=9.5,ce=new Set(["number","boolean","time"]),f=n=>document.getElementById(n),m=JSON.parse(
document.querySelector("main").dataset.table),E=m.columns.map(n=>({...n,kind:ot(n.type),scale:at(n.type)})),L=E.map(({name:n})=>n),
Nt=m.key.includes(L[0])?L[0]:null,le=new J(f("announce")),he=new P(f("plot-path"),f("rate")),G=f("heads"),p=F(location.search,
L),O,C=new Map,U=!1,x=new q(f("grid"),f("rows"),{template:de(),height:2.81,draw:ue,compare:fe,sorts:!0,hides:()=>!1,filtered:()=>!1,
name:n=>`row ${h(n)}`,tells:n=>L.filter(t=>!m.key.includes(t)).slice(0,3).map(t=>`${h(t)} ${h(n[t])}`).join(", ").slice(
0,100),counted:pe,editor:ge,writable:()=>m.writable,left:()=>f("filter").focus()},le,W),Ot=new j(()=>x.unsent);x.addEventListener(
"unsent",()=>Ot.show());m.writable=!1;var Y=new I(E,n=>kt({...p,where:n}));At();Y.show(p.where);Ct();for(let n of p.problems)
W(h(n));function Ct(){O?.close(),O=oe({tables:{[m.table]:{key:m.key}}}),C=O.table(m.table),O.addEventListener("transacti\
on",({detail:n})=>{n.txid&&he.count(Math.max(1,n.changes.length))}),x.attach(O,m.table,C),Ot.attach(O)}function kt(n){p=
{problems:[],...n},history.pushState(null,"",$t(p)||location.pathname),Lt()}function Lt(){At(),Y.show(p.where),Ct()}window.
addEventListener("popstate",()=>{p=F(location.search,L),Lt()});function de(){let n=document.createElement("div");n.className=
"row",n.setAttribute("role","row"),n.tabIndex=-1;for(let{name:t,kind:e}of E){let s=document.createElement("span");s.className=
rt(e)+(t===Nt?" pinned":""),s.setAttribute("role","gridcell"),s.dir="auto",n.append(s)}return n}function At(){let n=[...G.
children].findIndex(t=>t.contains(document.activeElement));G.replaceChildren(...E.map(t=>{let e=document.createElement("\
span");e.setAttribute("role","columnheader"),e.className=`is-${t.kind}`+(t.name===Nt?" pinned":"");let s=p.order.find(a=>a.
column===t.name);s&&e.setAttribute("aria-sort",s.descending?"descending":"ascending");let i=document.createElement("butt\
on");i.type="button",i.className="sort",i.title="Sort by this column; with Shift, after the others";let o=document.createElement(
"b");o.dir="auto",w(o,t.name);let r=document.createElement("small");return w(r,t.type),i.append(o,r),i.addEventListener(
"click",({shiftKey:a})=>kt({...p,order:vt(p.order,t.name,a)})),e.append(i),e})),n>=0&&G.children[n].querySelector("butto\
n").focus()}function Mt(){let n=[...C.values()].slice(0,ae);if(U||n.length===0&&!x.ready)return;U=n.length>0;let t=E.map(
o=>lt(o,o.kind,n.map(r=>r[o.name]))),e=t.map(o=>`minmax(calc(${o}ch + 1.6rem), ${o}fr)`),s=t.reduce((o,r)=>o+r,0),{style:i}=f(
"grid");m.writable&&e.push(`${St}rem`),i.setProperty("--columns",e.join(" ")),i.setProperty("--printed",t.map((o,r)=>ce.
has(E[r].kind)?`calc(${o}ch + 0.7rem)`:`minmax(0, ${o}fr)`).join(" ")),i.setProperty("--width",`calc(${s}ch + ${1.6*E.length+
1+(m.writable?St:0)}rem)`)}function ue(n,t){U||Mt(),E.forEach((e,s)=>{let i=n.children[s],o=t[e.name];i.value===o&&i.drawn||
(i.value=o,i.drawn=!0,ct(i,e,o))})}function fe(n,t){let[e,s]=[C.get(n),C.get(t)];if(!e||!s)return 0;for(let{column:i,descending:o}of[
...p.order,...m.key.map(r=>({column:r,descending:!1}))]){let r=me(e[i],s[i]);if(r!==0)return o?-r:r}return 0}function me(n,t){
return n===t?0:n===null||t===null?n===null?1:-1:typeof n=="number"&&typeof t=="number"?n-t:String(n)<String(t)?-1:1}function pe(n){
U||Mt(),mt(f("count"),re,n,C.size-x.leaving.size),f("empty").hidden=n>0,f("empty").textContent=p.where.length>0?"No row \
meets all filters.":"This table has no rows.";let t=f("more");t.hidden=C.size<p.limit,t.querySelector("span").textContent=
`The first ${b(p.limit)} rows.`,t.querySelector("button").textContent=`Show ${b(R)} more`}var v=null;function ge(n,t,e,s,{
fields:i={},theirs:o=null,expect:r=e,refused:a=null,column:l=""}={}){let c=new A(n,E,e,`row ${h(t)}`,{save:(d,g)=>{let k=N(
n);s(),Object.keys(d).length!==0&&O.update(m.table,k,d,{expect:g}).catch($=>{C.has(k)?x.edit(k,{fields:d,theirs:$.current,
expect:$.current??g,refused:$.message,column:$.problem?.field}):W(`Not saved: ${$.message}`)})},cancel:s});return c.fill(
i),o?c.meanwhile(o):a&&c.refuse(`Not saved: ${a}`,l),c.focus(l||L.find(d=>!m.key.includes(d))),c}function Q(){if(v)return v.
focus();let n=f("adding");n.hidden=!1;let t=()=>{v.close(),v=null,n.hidden=!0};v=new A(n,E,null,"new",{save:e=>{t(),f("a\
dd-row").focus(),O.insert(m.table,e).catch(s=>{Q(),v.fill(e),v.refuse(`Not added: ${s.message}`,s.problem?.field)})},cancel:()=>{
t(),f("add-row").focus()}}),v.focus()}f("add-row").hidden=f("write-keys").hidden=f("write-touch").hidden=!m.writable;f("\
add-row").addEventListener("click",Q);f("rows").addEventListener("dblclick",({target:n})=>{n.closest(".cell")&&!n.closest(
"button, details")&&x.edit(N(n))});document.addEventListener("keydown",n=>{if(!(n.target.matches("input, textarea, selec\
t")||n.ctrlKey||n.metaKey||n.altKey)){if(n.key==="/")Y.open(!0);else if(n.key==="n"&&m.writable)Q();else return;n.preventDefault()}});
window.addEventListener("beforeunload",n=>{(x.unsent>0||x.editing||v?.changed)&&n.preventDefault()});
