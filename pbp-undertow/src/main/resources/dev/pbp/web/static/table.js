// Made from client/page by client/build.js; not to be edited.
import{connect as me}from"./pbp.js";var ct=/[\p{Cc}\p{Cf}]/gu,lt=/[\t\n\r\u200c\u200d\u{e0000}-\u{e0fff}]/u;function y(n,t){let e=[...t.matchAll(ct)].filter(
([o])=>!lt.test(o));if(e.length===0){(n.textContent!==t||n.firstElementChild)&&(n.textContent=t);return}let s=[],i=0;for(let{
0:o,index:r}of e){let a=document.createElement("span");a.className="control",a.textContent=ht(o),s.push(t.slice(i,r),a),
i=r+o.length}n.replaceChildren(...s,t.slice(i))}function d(n){return String(n).replace(ct,t=>lt.test(t)?t:ht(t))}function ht(n){
return`U+${n.codePointAt(0).toString(16).toUpperCase().padStart(4,"0")}`}function k(n,t){return`${E(n)} ${t}${n===1?"":"\
s"}`}function E(n){return String(n).replace(/\B(?=(\d{3})+$)/g,",")}var dt=120,ut=4,Ut=60,_t=/^(smallint|integer|bigint|numeric|real|double precision|money|oid)\b/,Bt=/^(timestamp|date|time)\b/,
Ht=40;function mt(n){return n.endsWith("[]")||n==="json"||n==="jsonb"?"json":_t.test(n)?"number":Bt.test(n)?"time":n==="\
boolean"?"boolean":n==="uuid"?"id":n==="bytea"?"bytes":"text"}function pt(n){return`cell is-${n}${n==="json"||n==="id"||
n==="bytes"?" mono":""}`}function gt(n){return Number(/^numeric\(\d+,(\d+)\)/.exec(n)?.[1]??0)}function Vt(n,t){let e=String(
n),s=e.includes(".")?e.length-e.indexOf(".")-1:0;return t<=s||!/^-?\d+(\.\d+)?$/.test(e)?e:`${e}${s===0?".":""}${"0".repeat(
t-s)}`}function wt(n,{kind:t,name:e,scale:s},i){let o=i==null?"null":i===""?"empty":"";n.classList.toggle("nothing",o!==
""),n.classList.remove("open"),o?n.textContent=o:t==="json"?ft(n,i):t==="time"?Ft(n,String(i)):typeof i=="object"?ft(n,i):
Kt(n,t==="number"?Vt(i,s):String(i),e)}function Kt(n,t,e){let s=Zt(t);if(s===t){y(n,t);return}let i=document.createElement(
"span");i.className="text",y(i,`${s}…`);let o=document.createElement("button");o.type="button",o.className="more",o.textContent=
"more",o.title=`${E(t.length)} characters`,o.setAttribute("aria-expanded","false"),o.setAttribute("aria-label",`more of ${d(
e)}`),o.addEventListener("click",r=>{r.stopPropagation();let a=n.classList.toggle("open");y(i,a?t:`${s}…`),o.textContent=
a?"less":"more",o.setAttribute("aria-label",`${o.textContent} of ${d(e)}`),o.setAttribute("aria-expanded",String(a))}),n.
replaceChildren(i,o)}function Zt(n){let t=n.length<=dt+20?n.length:dt;/[\ud800-\udbff]/.test(n[t-1]??"")&&t<n.length&&t--;
let e=n.slice(0,t).split(`
`);return e.length>ut?e.slice(0,ut).join(`
`):n.slice(0,t)}function ft(n,t){let e=JSON.stringify(t);if(typeof t!="object"||e.length<=Ut){y(n,e);return}let s=document.
createElement("details"),i=document.createElement("summary"),o=Array.isArray(t)?t.length:Object.keys(t).length,[r,a]=Array.
isArray(t)?"[]":"{}";y(i,`${r}${e.slice(1,32)}…${a} ${E(o)}`),s.append(i),s.addEventListener("toggle",()=>{if(s.children.
length>1)return;let l=document.createElement("pre");l.tabIndex=0,y(l,JSON.stringify(t,null,2)),s.append(l)}),n.replaceChildren(
s)}function Ft(n,t){n.title=t;let[,e,s=""]=/^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?[+-]\d\d(?::\d\d)*$/.exec(t)??[],i=new Date(
t);if(!e||Number.isNaN(+i)){y(n,t.replace(/^(\d{4}-\d\d-\d\d)T/,"$1 "));return}let o=document.createElement("time");o.dateTime=
t;let r=new Date(+i-i.getTimezoneOffset()*6e4).toJSON(),a=document.createElement("small");a.textContent=s,o.append(`${r.
slice(0,10)} ${r.slice(11,19)}`,a),n.replaceChildren(o)}function bt({name:n,type:t},e,s){let i=Math.max(Math.min(n.length,
18)*.9,Math.min(t.length,24)*.72);if(e==="id")return Math.max(i,36);let o=s.map(a=>Gt(a,e)).sort((a,l)=>a-l),r=o[Math.floor(
o.length*.95)]??0;return Math.ceil(Math.max(4,i,Math.min(r*(e==="json"?.9:1),Ht)))}function Gt(n,t){if(n==null)return 4;
if(t==="time")return String(n).replace(/(T.*)[+-]\d\d:?\d*$/,"$1").length;let e=typeof n=="object"?JSON.stringify(n):String(
n);return Math.max(...e.slice(0,400).split(`
`).map(s=>s.length))}var H=[{operator:"eq.",words:"=",valued:!0},{operator:"neq.",words:"≠",valued:!0},{operator:"gt.",words:">",valued:!0},
{operator:"gte.",words:"≥",valued:!0},{operator:"lt.",words:"<",valued:!0},{operator:"lte.",words:"≤",valued:!0},{operator:"\
ilike.",words:"contains",valued:!0,kinds:["text"]},{operator:"in.",words:"is one of",valued:!0},{operator:"is.null",words:"\
is null",valued:!1},{operator:"is.not_null",words:"is not null",valued:!1},{operator:"is.true",words:"is true",valued:!1,
kinds:["boolean"]},{operator:"is.false",words:"is false",valued:!1,kinds:["boolean"]}];function Yt(n){return n==="json"?
H.filter(({operator:t})=>t.endsWith("null")):H.filter(({kinds:t,valued:e})=>t?t.includes(n):!(n==="boolean"&&e))}function Qt(n,t){
return n==="ilike."?`ilike.*${t.replace(/[%_\\]/g,"\\$&")}*`:n==="in."?`in.(${t.split(",").map(e=>Xt(e.trim())).join(",")}\
)`:n+(n.startsWith("is.")?"":t)}function Xt(n){return/[",()\\]/.test(n)||n===""?`"${n.replace(/["\\]/g,"\\$&")}"`:n}function te({
column:n,condition:t}){let e=/^ilike\.\*([^*]+)\*$/s.exec(t),s=H.find(({operator:o,valued:r})=>r?t.startsWith(o):t===o);
if(e)return d(`${n} contains ${e[1].replace(/\\(.)/gs,"$1")}`);if(!s||s.operator==="ilike.")return d(`${n} ${t}`);let i=t.
slice(s.operator.length);return s.operator==="in."?d(`${n} is one of ${i.slice(1,-1)}`):d(`${n} ${s.words} ${s.valued&&i===
""?"(empty)":i}`.trimEnd())}var f=n=>document.getElementById(n),J=class{#i;#e;#t=[];constructor(t,e){this.#i=t,this.#e=e;
let[s,i]=[f("condition-column"),f("condition-operator")];s.append(...t.map(({name:o},r)=>new Option(d(o),String(r)))),s.
addEventListener("change",()=>this.#n()),i.addEventListener("change",()=>this.#s()),f("filter").addEventListener("click",
()=>this.open(f("conditions").hidden)),f("condition").addEventListener("submit",o=>{o.preventDefault(),this.#o()}),f("co\
nditions").addEventListener("keydown",o=>{o.key==="Escape"&&(this.open(!1),f("filter").focus())}),this.#n()}open(t){f("c\
onditions").hidden=!t,f("filter").setAttribute("aria-expanded",String(t)),t&&f("condition-column").focus()}#n(){let{kind:t}=this.#i[f(
"condition-column").value];f("condition-operator").replaceChildren(...Yt(t).map(({operator:e,words:s})=>new Option(s,e))),
this.#s()}#s(){let t=f("condition-operator").value,e=f("condition-value");e.hidden=t.startsWith("is."),e.placeholder=t===
"in."?"value, value":"value"}#o(){let{name:t}=this.#i[f("condition-column").value],e=Qt(f("condition-operator").value,f(
"condition-value").value);f("condition-value").value="",this.#e([...this.#t.filter(s=>s.column!==t||s.condition!==e),{column:t,
condition:e}])}show(t){this.#t=t;let e=f("filter");t.length>0?e.dataset.count=String(t.length):delete e.dataset.count;let s=f(
"chips");s.hidden=t.length===0,s.replaceChildren(...t.map(i=>this.#r(i))),t.length>0&&f("conditions").hidden&&(f("condit\
ions").hidden=!1,e.setAttribute("aria-expanded","true"))}#r(t){let e=document.createElement("li"),s=document.createElement(
"span");s.dir="auto",s.textContent=te(t);let i=document.createElement("button");return i.type="button",i.textContent="✕",
i.setAttribute("aria-label",`Remove the filter ${s.textContent}`),i.addEventListener("click",()=>{this.#e(this.#t.filter(
o=>o!==t)),f("filter").focus()}),e.append(s,i),e}};var T=class{#i;#e=document.createElement("div");#t=document.createElement("form");#n=document.createElement("p");#s;#o;constructor(t,e,s,i,{
save:o,cancel:r}){this.#i=t,this.#o=s,this.#t.className="editor fields",this.#t.autocomplete="off",this.#t.noValidate=!0,
this.#t.setAttribute("aria-label",s?`Edit ${i}`:"New row"),this.#s=e.map((c,u)=>new V(c,s?.[c.name],s===null,`field-${i}\
-${u}`));let a=document.createElement("div");a.append(...this.#s.map(({element:c})=>c)),this.#n.className="meanwhile",this.#n.
setAttribute("role","status"),this.#n.hidden=!0;let l=document.createElement("div");l.className="buttons",l.append(Et(s?
"Save":"Add row","primary","submit"),Et("Cancel","cancel","button",r)),this.#t.append(a,this.#n,l),this.#e.className="ed\
itor-cell",s&&this.#e.setAttribute("role","gridcell"),this.#e.append(this.#t),this.#t.addEventListener("submit",c=>{c.preventDefault();
let u=this.#s.filter(g=>!g.check());u.length>0?u[0].focus():o(Object.fromEntries(this.#s.filter(({changed:g})=>g).map(g=>[
g.name,g.value])),this.#o)}),this.#t.addEventListener("keydown",c=>{let{key:u,target:g,shiftKey:L,isComposing:O}=c;u==="\
Escape"?(c.stopPropagation(),r()):u==="Enter"&&g.matches("textarea")&&!L&&!O&&(c.preventDefault(),this.#t.requestSubmit())}),
t.classList.add("editing"),t.append(this.#e)}focus(t){(this.#s.find(({name:e})=>e===t)??this.#s[0]).focus()}fill(t){for(let e of this.#s)
e.name in t&&e.type(t[e.name])}refuse(t,e){let s=this.#s.find(({name:i})=>i===e);s?s.complain(t):this.say(t)}say(t){this.#n.
textContent=d(t),this.#n.hidden=!1}get changed(){return this.#s.some(({changed:t})=>t)}meanwhile(t){let e=this.#s.filter(
({name:s})=>JSON.stringify(t[s])!==JSON.stringify(this.#o?.[s]));this.#o=t,e.length!==0&&(e.forEach(s=>s.became(t[s.name])),
this.say(`Meanwhile it has become: ${e.map(({name:s})=>`${s} ${se(t[s])}`).join(", ")}`))}gone(){this.say("Somebody has \
deleted this row meanwhile.")}close(){this.#e.remove(),this.#i.classList.remove("editing")}},V=class{element=document.createElement(
"div");name;#i;#e;#t;#n=document.createElement("p");#s;#o;#r=!1;constructor({name:t,type:e,kind:s},i,o,r){this.name=t,this.#i=
s,this.#o=o,this.element.className="field";let a=document.createElement("label");a.htmlFor=r;let l=document.createElement(
"bdi");l.textContent=d(t);let c=document.createElement("small");c.textContent=d(e),a.append(l," ",c),this.#e=s==="boolea\
n"?ee(o):document.createElement("textarea"),this.#e.id=r,this.#e.dir="auto",s!=="boolean"&&(this.#e.rows=1),s==="number"&&
(this.#e.inputMode="decimal");let u=document.createElement("label");u.className="null",this.#t=document.createElement("i\
nput"),this.#t.type="checkbox",this.#t.setAttribute("aria-label",`${d(t)}: null`),u.append(this.#t,"null"),this.#n.className=
"wrong",this.#n.id=`${r}-wrong`,this.#n.hidden=!0,this.element.append(a,this.#e,u,this.#n),this.#d(o?void 0:i),this.#e.addEventListener(
"input",()=>{this.#r=!0,this.#t.checked=!1,this.#a()}),this.#t.addEventListener("change",()=>{this.#r=!0,this.#t.checked&&
(this.#e.value=""),this.#a()})}#d(t){this.#t.checked=t===null,this.#e.value=t==null?"":yt(t,this.#i),this.#s=JSON.stringify(
[this.#t.checked,this.#e.value]),this.#a()}#a(){this.#e.placeholder=this.#t.checked?"null":this.#o&&!this.#r?"default":""}get changed(){
return JSON.stringify([this.#t.checked,this.#e.value])!==this.#s||this.#o&&this.#r}get value(){let t=this.#e.value;return this.#t.
checked?null:this.#i==="boolean"?t===""?null:t==="true":this.#i==="json"?JSON.parse(t):this.#i==="number"&&t.trim()!==""&&
String(Number(t))===t.trim()?Number(t):t}check(){if(this.complain(""),!this.changed||this.#t.checked||this.#i!=="json")return!0;
try{return JSON.parse(this.#e.value),!0}catch(t){return this.complain(`This is not JSON: ${t.message}`),!1}}complain(t){
this.#n.textContent=d(t),this.#n.hidden=t==="",this.#e.setAttribute("aria-invalid",String(t!=="")),t&&this.#e.setAttribute(
"aria-describedby",this.#n.id)}type(t){this.#t.checked=t===null,this.#e.value=t===null?"":yt(t,this.#i),this.#r=!0,this.#a()}became(t){
this.changed||this.#d(t)}focus(){this.#e.focus(),this.#e.select?.()}};function ee(n){let t=document.createElement("selec\
t");return t.append(new Option(n?"default":"",""),new Option("true","true"),new Option("false","false")),t}function yt(n,t){
return t==="json"||typeof n=="object"?JSON.stringify(n):String(n)}function se(n){let t=n===null?"null":typeof n=="object"?
JSON.stringify(n):String(n);return t.length>60?`${t.slice(0,60)}…`:t}function Et(n,t,e,s=()=>{}){let i=document.createElement(
"button");return i.type=e,i.className=`${t} small`,i.textContent=n,i.addEventListener("click",s),i}var R=class{#i;#e;#t=new Set;constructor(t,e){this.#i=t,this.#e=e}append(t){let e=[];for(let s=0;s<t.length;s+=20){let i=this.#n();
i.append(...t.slice(s,s+20)),this.#t.add(i),e.push(i)}this.#i.append(...e)}place(t,e){let s=e?.parentElement??this.#i.lastElementChild,
i=s&&e===s.firstElementChild&&s.childElementCount>=20;if(!s||i){let o=this.#n();o.append(t),this.#i.insertBefore(o,s)}else
s.insertBefore(t,e??null);this.touch(t)}touch(t){this.#t.add(t.parentElement)}remove(t){let e=t.parentElement;t.remove(),
this.#t.add(e),e.hasChildNodes()||e.remove()}settle(t=!1){let e=t?[...this.#i.children]:[...this.#t];this.#t.clear();for(let s of e){
for(;s.children.length>40;){let i=this.#n();i.append(...[...s.children].slice(-20)),s.after(i),this.#s(i)}this.#s(s)}}#n(){
let t=document.createElement("div");return t.className="block",t.setAttribute("role","rowgroup"),t}#s(t){let e=[...t.children].
filter(({hidden:s})=>!s).length;t.hidden=e===0,t.style.containIntrinsicBlockSize=`auto ${e*this.#e}rem`}};var ne=100,ie=7e3,$t={ArrowDown:1,ArrowUp:-1,PageDown:10,PageUp:-10,Home:-1/0,End:1/0},z=class extends EventTarget{order=[];elements=new Map;leaving=new Map;live=null;rows=new Map;ready=!1;#i="";#e;#t;#n;#s;#o;#r;#d=new AbortController;#a=new Map;#u=[];#f=!1;#l=!1;#b=!1;#c=null;#m=null;#N=document.
getElementById("actions-template").content.firstElementChild;constructor(t,e,s,i,o){super(),this.#t=t,this.#e=e,this.#s=
s,this.#o=i,this.#r=o,this.#n=new R(e,s.height);for(let r of e.querySelectorAll(".row"))this.elements.set(vt(r.dataset.key),
r);this.order=[...this.elements.keys()],this.#j()}attach(t,e,s,i=t.ready){this.#d.abort(),this.#d=new AbortController;let{
signal:o}=this.#d;this.live=t,this.rows=s,this.#i=e,this.ready=this.#l=!1,this.#a=new Map,this.#t.setAttribute("aria-bus\
y","true"),t.addEventListener("transaction",({detail:r})=>this.#k(r),{signal:o}),t.addEventListener("write",({detail:r})=>{
r.table===e&&(this.#a.has(r.key)||this.#a.set(r.key,r.stage==="saved"?"saved":"mark"),this.request())},{signal:o}),i.then(
()=>{if(!o.aborted){this.ready=!0;for(let r of s.keys())this.#a.has(r)||this.#a.set(r,"insert");this.#t.setAttribute("ar\
ia-busy","false"),this.request()}})}get unsent(){return(this.live?.writing??0)+this.leaving.size}get current(){return this.#c}get editing(){
return[...this.elements.values()].some(({editor:t})=>t?.changed)}#k({changes:t}){for(let{table:e,op:s,key:i,was:o}of t)e===
this.#i&&(o!==void 0&&this.#M(o,i),this.#a.set(i,this.#a.get(i)==="insert"&&s==="update"?"insert":s));this.request()}request(){
this.#b||(this.#b=!0,requestAnimationFrame(()=>this.#C()))}#C(){this.#b=!1;let t=this.#a;this.#a=new Map,this.ready&&!this.#l&&
this.order.filter(s=>!this.rows.has(s)).forEach(s=>this.#w(s));let e=[];for(let[s,i]of t){let o=this.rows.get(s);o?(this.
elements.has(s)||(this.elements.set(s,this.#s.template.cloneNode(!0)),e.push(s)),this.#A(s,o,i)):this.#w(s)}if(this.#T(e),
this.#n.settle(!this.#l),this.#l){let s=[...t].filter(([i,o])=>o!=="mark"&&!this.live.pending(this.#i,i));this.#D(s.map(
([i])=>i).filter(i=>this.elements.has(i))),this.#o.changes(s,([i,o])=>this.#L(i,o))}this.#l=this.ready,this.#p()}#L(t,e){
let s=this.rows.get(t),i=this.#s.name(t),o={insert:"added",update:"changed",saved:"saved"}[e];return s?`${I(i)} ${o}: ${this.#s.
tells(s)}.`:`${I(i)} deleted.`}#A(t,e,s){let i=this.elements.get(t);i.dataset.key=i.key=t,i.classList.toggle("pending",this.
live.pending(this.#i,t)),this.#s.draw(i,e,t),this.#O(i,t),s!=="mark"&&i.editor?.meanwhile(e),this.#g(i,t)}#g(t,e){let s=this.
leaving.has(e)||!t.editor&&this.#s.hides(t);t.hidden!==s&&(t.hidden=s,t.isConnected&&this.#n.touch(t))}#w(t){let e=this.
elements.get(t);if(!e)return;if(e.editor){e.editor.gone();return}this.leaving.get(t)?.undo();let s=this.order.indexOf(t);
this.#c===t&&this.#x(t,e.contains(document.activeElement)),this.order.splice(s,1),this.elements.delete(t),this.#m===e&&(this.#m=
null),this.#n.remove(e)}#x(t,e){let s=this.#v(),i=s.indexOf(t);this.#h(s[i+1]??s[i-1]??null,e),e&&this.#c===null&&this.#s.
left()}#M(t,e){let s=this.elements.get(t);if(this.#a.delete(t),!s)return;this.#w(e),this.elements.delete(t),this.elements.
set(e,s),s.dataset.key=s.key=e;let i=this.order.indexOf(t);this.order[i]=e,this.#s.arrange?.(),this.#y();let o=this.order.
indexOf(e);o!==i&&(this.#n.remove(s),this.#n.place(s,this.elements.get(this.order[o+1])),this.#n.settle()),this.#c===t&&
(this.#c=e)}#y(){this.order.sort((t,e)=>this.#s.compare(t,e))}#T(t){this.#s.arrange?.();let e=new Set(t),s=document.activeElement;
if(this.#s.sorts){let i=new Map(this.order.map((r,a)=>[r,a]));this.order=this.order.concat(t),this.#y();let o=oe(this.order.
map(r=>i.get(r)??-1));for(let r of this.order)!i.has(r)||o.has(i.get(r))||(e.add(r),this.#n.remove(this.elements.get(r)))}else
t.length>0&&(this.order=this.order.concat(t),this.#y());if(e.size>0){let i=this.order.slice(this.order.length-e.size);i.
every(o=>e.has(o))?this.#n.append(i.map(o=>this.elements.get(o))):this.#I(e),this.#e.contains(s)&&document.activeElement!==
s&&s.focus()}this.#c===null&&this.#h(this.#S(),!1)}#I(t){let e;for(let s=this.order.length-1;s>=0;s--){let i=this.elements.
get(this.order[s]);t.has(this.order[s])&&this.#n.place(i,e),e=i}}#D(t){t.length!==0&&(this.#u.forEach(e=>e.classList.remove(
"recent","flash-a","flash-b")),this.#u=t.length>ne?[]:t.map(e=>this.elements.get(e)),this.#f=!this.#f,this.#u.forEach(e=>e.
classList.add("recent",this.#f?"flash-a":"flash-b")))}#p(){if(!this.#l)return;let t=this.rows.size-this.leaving.size,e=this.#s.
filtered()?this.#v().length:t;this.#e.hidden=this.#S()===null,this.#t.setAttribute("aria-rowcount",String(t+1)),this.#s.
counted(e)}filter(){this.elements.forEach((t,e)=>this.#g(t,e)),this.#n.settle(!0),this.#p(),(this.#c===null||this.elements.
get(this.#c)?.hidden)&&this.#h(this.#S(),!1)}redraw(){for(let t of this.elements.keys())this.#a.set(t,"mark");this.request()}edit(t,e={}){
let s=this.elements.get(t),i=this.rows.get(t);!s||!i||s.editor||!this.#s.writable()||(this.#h(t,!1),s.editor=this.#s.editor(
s,t,i,()=>this.#q(t,s),e))}#q(t,e){e.editor?.close(),e.editor=void 0,this.rows.has(t)?(e.focus(),this.request()):(this.#w(
t),this.#p())}erase(t){let e=this.elements.get(t);if(!this.rows.has(t)||this.leaving.has(t)||e.editor||!this.#s.writable())
return;let s=this.#s.name(t),i=this.live,o=this.rows.get(t),[r,a]=[this.#i,e.contains(document.activeElement)],l=()=>{clearTimeout(
L),this.leaving.delete(t),g.remove(),this.dispatchEvent(new Event("unsent"))},c=()=>{i.table(r).has(t)&&i.delete(r,t,{expect:o}).
catch(O=>this.#r(`${I(s)} was not deleted: ${O.message}`)),l()},u=()=>{l(),this.elements.has(t)&&(this.#g(e,t),this.#n.settle(),
this.#p(),this.#h(t,!0))};this.#c===t&&this.#x(t,a);let g=this.#r(`${I(s)} deleted.`,{action:"Undo",act:u,dismiss:c}),L=setTimeout(
c,ie);this.leaving.set(t,{send:c,undo:u}),this.#g(e,t),this.#n.settle(),this.#p(),this.#o.say(`${I(s)} deleted. Control \
and Z brings it back.`),this.dispatchEvent(new Event("unsent"))}undo(){let t=[...this.leaving.values()].at(-1);return t?.
undo(),!!t}flush(){for(let{send:t}of[...this.leaving.values()])t()}#O(t,e){for(let[s,i]of[["Edit",K(t)[0]],["Delete",K(t)[1]]])
i?.setAttribute("aria-label",`${s} ${this.#s.name(e)}`)}#E(t){t&&(t.tabIndex=t===this.elements.get(this.#c)?0:-1,t.tabIndex<
0&&t!==this.#m?t.querySelector(".actions")?.remove():this.#s.writable()&&!t.querySelector(".actions")&&(t.append(this.#N.
cloneNode(!0)),this.#O(t,C(t))),K(t).forEach(e=>e.tabIndex=t.tabIndex))}#h(t,e){let[s,i]=[this.#c,t].map(o=>this.elements.
get(o));this.#c=t,this.#E(i),e&&i?.focus(),this.#E(s)}#$(t){let e=this.#m;this.#m=t,[e,t].forEach(s=>this.#E(s))}#v(){return this.
order.filter(t=>!this.elements.get(t).hidden)}#S(){return this.order.find(t=>!this.elements.get(t).hidden)??null}#j(){let t=this.#e;
t.addEventListener("click",({target:e})=>{let s=C(e);s!==null&&(s!==this.#c&&this.#h(s,!1),e.matches(".actions .edit")&&
this.edit(s),e.matches(".actions .delete")&&this.erase(s))}),t.addEventListener("pointerover",({target:e,pointerType:s})=>{
s!=="touch"&&this.#$(e.closest(".row"))}),t.addEventListener("pointerleave",()=>this.#$(null)),t.addEventListener("focus\
in",({target:e})=>{let s=C(e);s!==null&&s!==this.#c&&this.#h(s,!1)}),t.addEventListener("keydown",e=>this.#J(e)),document.
addEventListener("keydown",e=>{let{target:s,key:i,ctrlKey:o,metaKey:r,shiftKey:a}=e;i!=="z"||!(o||r)||a||s.matches("inpu\
t, textarea, select")||this.undo()&&e.preventDefault()}),this.#$(t.querySelector(".row:hover")),this.#h(C(document.activeElement),
!1)}#J(t){let{target:e}=t,s=C(e);if(s===null||e.closest(".editor"))return;let i=e.matches(".row");if(t.key in $t){let o=this.#v(),
r=Math.min(o.length-1,Math.max(0,o.indexOf(s)+$t[t.key]));this.#h(o[r],!0)}else if(t.key==="Enter"&&i||t.key==="F2")this.
edit(s);else if(t.key==="Delete")this.erase(s);else if(t.key==="Escape")this.elements.get(s).focus();else return;t.preventDefault()}};
function K(n){return n.querySelectorAll(".actions button")}function oe(n){let t=[],e=[],s=[];n.forEach((o,r)=>{if(o<0)return;
let a=t.length;if(a>0&&t[a-1]>=o){a=0;for(let l=t.length;a<l;){let c=a+l>>1;t[c]<o?a=c+1:l=c}}t[a]=o,e[a]=r,s[r]=e[a-1]});
let i=new Set;for(let o=e.at(-1);o!==void 0;o=s[o])i.add(n[o]);return i}function C(n){let t=n.closest("#rows .row");return t===
null?null:t.key??vt(t.dataset.key)}function vt(n){return Number.isSafeInteger(Number(n))?Number(n):n}function I(n){return n[0].
toUpperCase()+n.slice(1)}function St(n,t,e,s,i=""){let o=e===s?k(s,"row"):`${E(e)} of ${k(s,"row")}`;n.textContent=o+i,document.
title=s===0?t:`${d(t)} – ${k(s,"row")}${i}`}var D=60,Z=20,xt=700,re=1e3,ae=3,F={reading:"Reading the table",connecting:"Connecting",waiting:"Offline",unauthorized:"\
No access",refused:"Not offered",paused:"Paused",closed:"Closed"},Ot={unauthorized:"The token is missing, has expired or\
 was withdrawn. Reload the page to sign in.",refused:"The table, or a part of this view, is not offered to you any more."},
ce={socket:"WebSocket",stream:"event stream",poll:"long poll"},$=n=>document.getElementById(n),P=class{#i;#e;#t=0;#n=0;#s=null;#o=null;#r=null;#d=de(
t=>{this.#r=t,this.show()});constructor(t){this.#e=t,$("retry").addEventListener("click",()=>le(this.#i))}attach(t){this.#i=
t,t.addEventListener("state",()=>this.show()),t.addEventListener("write",()=>this.show()),this.show()}show(){let{state:t}=this.#i,
{phase:e}=t;e==="live"?(this.#o!=="live"&&this.#d(),this.#s=null):this.#s??=this.#o==="live"?new Date:null,this.#o=e,clearTimeout(
this.#t);let s=()=>this.#a();$("state").dataset.phase!==e&&e!=="live"&&e!=="closed"?this.#t=setTimeout(s,xt):s()}#a(){let{
state:t}=this.#i,{phase:e,staleSince:s=null}=t,i=e==="live"&&s;$("state").dataset.phase=i?"stale":e,$("state").title=t.error??
"",Y($("state-text"),i?`Live, but the database has been away since ${Nt(new Date(s))}`:this.#u(e)),this.#f(e),this.#l(t)}#u(t){
return t==="live"?"Live":t==="closed"?F.closed:this.#s?`${F[t]} since ${Nt(this.#s)}`:t==="waiting"?"Not connected":F[t]}#f(t){
let e=()=>Y($("unsent"),this.#e()>0?`${k(this.#e(),"edit")} not sent yet`:"");clearTimeout(this.#n),t==="live"&&this.#e()>
0?this.#n=setTimeout(e,xt):e()}#l(t){let{phase:e,transport:s,role:i,shared:o=i==="follower",retryAt:r=null}=t,a=$("way"),
l=this.#r===null?"":`${this.#r<10?this.#r.toFixed(1):Math.round(this.#r)} ms`;if($("retry").hidden=e!=="waiting"&&!Ot[e],
a.title="",e==="live")a.textContent=[ce[s],o?"shared with other tabs":"",l].filter(Boolean).join(" · "),a.title="The ti\
me is that of a small request, there and back.";else if(e==="waiting"&&r!==null){let c=Math.max(0,Math.ceil((r-Date.now())/
1e3));a.textContent=c===0?"Trying again":`Next attempt in ${c} s`,clearTimeout(this.#t),this.#t=setTimeout(()=>this.#l(this.#i.
state),1e3)}else a.textContent=Ot[e]??(e==="waiting"?"Trying again soon":" ")}};function le(n){n.retry?n.retry():window.
dispatchEvent(new Event("online"))}function Y(n,t){n.textContent!==t&&(n.textContent=t)}function he(n){return kt(n).slice(
11,19)}function G(n){return kt(n).slice(0,10)}function Nt(n){return`${G(n)===G(new Date)?"":`${G(n)} `}${he(n).slice(0,5)}`}
function kt(n){return new Date(n-n.getTimezoneOffset()*6e4).toJSON()??""}function de(n){return new PerformanceObserver(e=>{let i=e.getEntries().filter(({initiatorType:o,responseStart:r})=>o==="\
fetch"&&r>0).at(-1);i&&n(i.responseStart-i.requestStart)}).observe({type:"resource"}),()=>fetch(new URL("../healthz",import.meta.
url),{method:"HEAD",cache:"no-store"}).catch(()=>n(null))}function A(n,{action:t="",act:e=()=>{},dismiss:s=()=>{}}={}){let o=$(
"notice-template").content.firstElementChild.cloneNode(!0),r=$("notices"),[a,l]=o.querySelectorAll("button");for(o.querySelector(
"p").textContent=d(n),o.classList.toggle("bad",t===""),a.hidden=t==="",a.textContent=t,a.addEventListener("click",e),l.addEventListener(
"click",()=>{o.remove(),s()});r.children.length>=ae;)r.firstElementChild.querySelector(".dismiss").click();return r.append(
o),o}var W=class{#i;#e=[];#t=0;constructor(t){this.#i=t}say(t){this.#e.push(t),this.#t||=setTimeout(()=>{this.#t=0;let e=this.#e.
slice(0,3),s=this.#e.length-e.length;this.#e=[],this.#i.textContent=e.join(" ")+(s>0?` And ${k(s,"more change")}.`:"")},
re)}changes(t,e){t.length>3?this.say(`${E(t.length)} rows changed.`):t.forEach(s=>this.say(e(s)))}},U=class{#i;#e;#t=new Array(
D+1).fill(0);#n=Math.floor(Date.now()/1e3);#s=this.#n;constructor(t,e){this.#i=t,this.#e=e,setInterval(()=>this.#r(),1e3)}count(t){
this.#o(),this.#t[D]+=t}#o(){let t=Math.floor(Date.now()/1e3);for(let e=Math.min(t-this.#s,D+1);e>0;e--)this.#t.shift(),
this.#t.push(0);this.#s=t}#r(){if(this.#o(),document.hidden)return;let t=Math.max(5,...this.#t),e=this.#t.map((o,r)=>`L${r}\
 ${(Z*(1-o/t)).toFixed(1)}`);this.#i.setAttribute("d",`M0 ${Z}${e.join("")}L${D} ${Z}`);let s=this.#t.reduce((o,r)=>o+r),
i=s===0?"no changes":k(s,"change");Y(this.#e,`${i} ${this.#s-this.#n<D?"since you opened this page":"in the last minute"}`)}};var Lt=new Set(["select","order","limit","offset"]),j=1e3,q=1e4;function Q(n,t){let e={where:[],order:[],limit:j,problems:[]},
s=i=>t.includes(i)||!e.problems.push(`This table has no column ${i}.`);for(let[i,o]of new URLSearchParams(n))if(i==="ord\
er")for(let r of fe(o)){let[,a,l,c]=/^(?:("(?:[^"\\]|\\.)*")|([^.]*))(.*)$/s.exec(r),u=a?Ct(a):l;/^(\.asc|\.desc)?$/.test(
c)?s(u)&&e.order.push({column:u,descending:c===".desc"}):e.problems.push(`The order ${r} is not known: COLUMN, COLUMN.as\
c or COLUMN.desc.`)}else if(i==="limit")/^[1-9]\d{0,5}$/.test(o)&&Number(o)<=q?e.limit=Number(o):e.problems.push(`The li\
mit ${o} is not a number from 1 to ${q}.`);else if(Lt.has(i))e.problems.push(`${i} is not known to this page.`);else{let r=i.
startsWith('"')?Ct(i):i;s(r)&&e.where.push({column:r,condition:o})}return e}function X({where:n,order:t,limit:e}){let s=new URLSearchParams(
n.map(({column:o,condition:r})=>[ue(o),r]));t.length>0&&s.set("order",At(t)),e!==j&&s.set("limit",String(e));let i=s.toString().
replaceAll("%2C",",").replaceAll("%28","(").replaceAll("%29",")");return i&&`?${i}`}function At(n){return n.map(({column:t,
descending:e})=>(/^[\w$]+$/.test(t)?t:`"${Tt(t)}"`)+(e?".desc":"")).join(",")}function tt({where:n,order:t,limit:e},s){let i=Object.
create(null);for(let{column:o,condition:r}of n)(i[o]??=[]).push(r);return{key:s,where:{...i},order:t.length>0?At(t):void 0,
limit:e}}function Mt(n,t,e){let s=n.find(o=>o.column===t),i=s?s.descending?[]:[{column:t,descending:!0}]:[{column:t,descending:!1}];
return e?s?n.flatMap(o=>o===s?i:[o]):[...n,...i]:i}function ue(n){return Lt.has(n)||n.startsWith('"')?`"${Tt(n)}"`:n}function Tt(n){
return n.replace(/["\\]/g,"\\$&")}function Ct(n){return n.replace(/^"|"$/g,"").replace(/\\(.)/gs,"$1")}function fe(n){return n.
match(/(?:"(?:[^"\\]|\\.)*"|[^,"]|"(?=[^"]*$))+/gs)??[]}var pe=document.title,ge=200,It=9.5,we=new Set(["number","boolean","time"]),m=n=>document.getElementById(n),w=JSON.parse(
document.querySelector("main").dataset.table),v=w.columns.map(n=>({...n,kind:mt(n.type),scale:gt(n.type)})),M=v.map(({name:n})=>n),
jt=w.key.includes(M[0])?M[0]:null,be=new W(m("announce")),ye=new U(m("plot-path"),m("rate")),et=m("heads"),h=Q(location.
search,M),p,b="",Ee=0,it=!1,S=new Map,Jt=new Map,_=!1,Dt=()=>{},st=null,x=new z(m("grid"),m("rows"),{template:ve(),height:2.81,
draw:Se,arrange:()=>Jt=new Map(p.snapshot(b).map((n,t)=>[n,t])),compare:(n,t)=>qt(n)-qt(t),sorts:!0,hides:()=>!1,filtered:()=>!1,
name:n=>`row ${d(n)}`,tells:n=>M.filter(t=>!w.key.includes(t)).slice(0,3).map(t=>`${d(t)} ${d(n[t])}`).join(", ").slice(
0,100),counted:xe,editor:Oe,writable:()=>w.writable,left:()=>m("filter").focus()},be,A),Rt=new P(()=>x.unsent);x.addEventListener(
"unsent",()=>Rt.show());var B=new J(v,n=>ot({...h,where:n}));nt();B.show(h.where);zt();for(let n of h.problems)A(n);function zt(){
b=w.table,p=me({tables:{[b]:tt(h,w.key)}}),S=p.table(b),p.addEventListener("transaction",({detail:{txid:n,changes:t}})=>{
n&&ye.count(Math.max(1,t.filter(e=>e.table===b).length))}),p.addEventListener("state",({detail:{error:n}})=>$e(n)),p.ready.
then(()=>it=!0),x.attach(p,b,S),Rt.attach(p),Pt()}function Pt(){Dt(),Dt=p.subscribe(b,()=>x.request())}rt();function $e(n){
it||h.where.length===0||!n||n===st||(st=n,A(`Not shown: ${n}`))}function ot(n){let t=location.search;history.pushState(null,
"",X(n)||location.pathname),Wt({problems:[],...n},t)}async function Wt(n,t){let e=h;if(h=n,nt(),B.show(h.where),!it){p.close(),
st=null,zt();return}let s=`view_${++Ee}`;try{m("grid").setAttribute("aria-busy","true");let i=p.view(s,{table:w.table,...tt(
h,w.key)});if(await i,h!==n){p.drop(s);return}p.drop(b),b=s,S=p.table(s),x.attach(p,s,S,i),Pt()}catch(i){if(h!==n)return;
A(`Not shown: ${i.message}`),h=e,history.replaceState(null,"",t||location.pathname),m("grid").setAttribute("aria-busy","\
false"),nt(),B.show(h.where)}}window.addEventListener("popstate",()=>Wt(Q(location.search,M),X(h)));function qt(n){return Jt.
get(S.get(n))??-1}function ve(){let n=document.createElement("div");n.className="row",n.setAttribute("role","row"),n.tabIndex=
-1;for(let{name:t,kind:e}of v){let s=document.createElement("span");s.className=pt(e)+(t===jt?" pinned":""),s.setAttribute(
"role","gridcell"),s.dir="auto",n.append(s)}return n}function nt(){let n=[...et.children].findIndex(t=>t.contains(document.
activeElement));et.replaceChildren(...v.map(t=>{let e=document.createElement("span");e.setAttribute("role","columnheader"),
e.className=`is-${t.kind}`+(t.name===jt?" pinned":"");let s=h.order.find(a=>a.column===t.name);s&&e.setAttribute("aria-s\
ort",s.descending?"descending":"ascending");let i=document.createElement("button");i.type="button",i.className="sort",i.
title="Sort by this column; with Shift, after the others";let o=document.createElement("b");o.dir="auto",y(o,t.name);let r=document.
createElement("small");return y(r,t.type),i.append(o,r),i.addEventListener("click",({shiftKey:a})=>ot({...h,order:Mt(h.order,
t.name,a)})),e.append(i),e})),n>=0&&et.children[n].querySelector("button").focus()}function rt(){let n=[...S.values()].slice(
0,ge);if(_)return;_=n.length>0;let t=v.map(o=>bt(o,o.kind,n.map(r=>r[o.name]))),e=t.map(o=>`minmax(calc(${o}ch + 1.6rem)\
, ${o}fr)`),s=t.reduce((o,r)=>o+r,0),{style:i}=m("grid");w.writable&&e.push(`${It}rem`),i.setProperty("--columns",e.join(
" ")),i.setProperty("--printed",t.map((o,r)=>we.has(v[r].kind)?`calc(${o}ch + 0.7rem)`:`minmax(0, ${o}fr)`).join(" ")),i.
setProperty("--width",`calc(${s}ch + ${1.6*v.length+1+(w.writable?It:0)}rem)`)}function Se(n,t){_||rt(),v.forEach((e,s)=>{
let i=n.children[s],o=t[e.name];i.value===o&&i.drawn||(i.value=o,i.drawn=!0,wt(i,e,o))})}function xe(n){_||rt();let t=S.
size-x.leaving.size,e=S.size>=h.limit;St(m("count"),pe,n,t,e?", and more":""),m("empty").hidden=n>0,m("empty").textContent=
h.where.length>0?"No row meets all filters.":"This table has no rows.";let s=m("more");s.hidden=!e;let i=Math.min(h.limit+
j,q);s.querySelector("span").textContent=`These are the first ${E(h.limit)} rows. Sort or filter to see others.`,s.querySelector(
"button").hidden=i===h.limit,s.querySelector("button").textContent=`Show ${E(i-h.limit)} more`}m("more").querySelector("\
button").addEventListener("click",()=>ot({...h,limit:Math.min(h.limit+j,q)}));var N=null;function Oe(n,t,e,s,{fields:i={},
theirs:o=null,expect:r=e,refused:a=null,column:l=""}={}){let c=new T(n,v,e,`row ${d(t)}`,{save:(u,g)=>{let L=C(n);s(),Object.
keys(u).length!==0&&p.update(b,L,u,{expect:g}).catch(O=>{S.has(L)?x.edit(L,{fields:u,theirs:O.current,expect:O.current??
g,refused:O.message,column:O.problem?.field}):A(`Not saved: ${O.message}`)})},cancel:s});return c.fill(i),o?c.meanwhile(
o):a&&c.refuse(`Not saved: ${a}`,l),c.focus(l||M.find(u=>!w.key.includes(u))),c}function at(){if(N)return N.focus();let n=m(
"adding");n.hidden=!1;let t=()=>{N.close(),N=null,n.hidden=!0};N=new T(n,v,null,"new",{save:e=>{t(),m("add-row").focus(),
p.insert(b,e).then(s=>{S.has(p.keyOf(b,s))||A("The row was added. It is not among those that are shown.")},s=>{at(),N.fill(
e),N.refuse(`Not added: ${s.message}`,s.problem?.field)})},cancel:()=>{t(),m("add-row").focus()}}),N.focus()}m("add-row").
hidden=m("write-keys").hidden=m("write-touch").hidden=!w.writable;m("add-row").addEventListener("click",at);m("rows").addEventListener(
"dblclick",({target:n})=>{n.closest(".cell")&&!n.closest("button, details")&&x.edit(C(n))});document.addEventListener("k\
eydown",n=>{if(!(n.target.matches("input, textarea, select")||n.ctrlKey||n.metaKey||n.altKey)){if(n.key==="/")B.open(!0);else if(n.
key==="n"&&w.writable)at();else return;n.preventDefault()}});window.addEventListener("beforeunload",n=>{(x.unsent>0||x.editing||
N?.changed)&&n.preventDefault()});
