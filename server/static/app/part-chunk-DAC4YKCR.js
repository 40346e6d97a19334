import{a as s}from"./part-chunk-KZ4TAZKH.js";var i=t=>s(String(t??"")).toLowerCase();function p(t,a,f){let n=i(a).split(/[\s\u3000]+/).filter(Boolean);return n.length?t.flatMap(r=>{let o=f(r).map(i),u=o.join(`
`);return n.every(e=>u.includes(e))?[{thing:r,first:+!o.some(e=>e.startsWith(n[0]))}]:[]}).sort((r,o)=>r.first-o.first).map(({thing:r})=>r):t}export{p as a};
